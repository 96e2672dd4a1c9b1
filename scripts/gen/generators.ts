/** All generators, in the order in which their files are reported. */
import { configPages } from './config.js';
import { errorsPage } from './errors-page.js';
import { eventsPage } from './events-page.js';
import type { Generator } from './generator.js';
import { methodsPage } from './methods-page.js';
import { settingsPage } from './settings-page.js';
import { typeTests } from './type-tests.js';
import { variablesPage } from './variables-page.js';

export const GENERATORS: readonly Generator[] = [
  eventsPage,
  variablesPage,
  methodsPage,
  errorsPage,
  configPages,
  settingsPage,
  typeTests,
];

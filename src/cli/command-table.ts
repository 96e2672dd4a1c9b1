/**
 * Every command of `postern`, in the order of `postern --help`.
 *
 * A new command is a file under `commands/` and a row here.
 *
 * Callers: cli/main.
 */
import type { CommandRow } from './frame.js';

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'check',
    summary: 'check the configuration and what it needs, before a start',
    group: 'Set up:',
    load: () => import('./commands/check.js'),
  },
  {
    name: 'config',
    summary: 'explain the effective settings, or print their JSON Schema',
    group: 'Set up:',
    load: () => import('./commands/config.js'),
  },
];

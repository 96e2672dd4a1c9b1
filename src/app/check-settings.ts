/**
 * `postern check`: is the settings file right, and can its settings do what they say.
 *
 * Callers: app/check. A file that a start would refuse is an error for each thing that is wrong.
 */
import { withoutEffect } from './admin-effect.js';
import type { CheckStep, Finding } from './check-step.js';
import { readSettingsFile } from './settings-file.js';

export const settingsStep: CheckStep = {
  name: 'settings file',
  async run(config) {
    if (config.settingsFile === '') return [];
    const reading = readSettingsFile(config.settingsFile);
    if (reading.status === 'invalid') {
      return reading.problems.map(({ message, hint }): Finding => ({ severity: 'error', message, hint }));
    }
    const hint = 'Set what is missing in postern.yaml, or another value in the settings file.';
    return withoutEffect(reading.settings, config).map(
      ({ setting, reason }): Finding => ({ severity: 'warning', message: `${setting}: ${reason}`, hint }),
    );
  },
};

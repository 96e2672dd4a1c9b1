import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingsStep } from '../../../src/app/check-settings.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function findings(text?: string): Promise<string[]> {
  const file = join(tempFolder(), 'settings.yaml');
  if (text !== undefined) writeFileSync(file, text);
  const settings = text === undefined ? {} : { settingsFile: file };
  const { config } = loadConfig({ file: null, machine: 'mx', settings });
  const found = await settingsStep.run(config);
  return found.map(({ severity, message }) => `${severity}: ${message.replace(file, 'f')}`);
}

describe('the check of the settings file', () => {
  it('finds nothing where there is none, and in one that is right', async () => {
    expect(await findings()).toEqual([]);
    expect(await findings('MailSmtp: {databytes: 5}\n')).toEqual([]);
  });

  it('finds everything that is wrong', async () => {
    expect(await findings('MailSmtp: {databytes: -1, nothing: 1}\n')).toEqual([
      'error: f:1: MailSmtp.databytes: expected a whole number from 0 to 4194303, got -1',
      'error: f:1: unknown setting "MailSmtp.nothing"',
    ]);
  });

  it('warns of what cannot do what it says', async () => {
    expect(await findings('MailSmtp: {auth_mode: auth_optional/tls_no}\n')).toEqual([
      'warning: MailSmtp.auth_mode: AUTH takes auth.usersFile, which is not set',
    ]);
  });
});

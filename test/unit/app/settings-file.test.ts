import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettingsFile } from '../../../src/app/settings-file.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** What the file comes to: the settings, or the complaints without its path. */
function read(text: string | Buffer): unknown {
  const file = join(tempFolder(), 'settings.yaml');
  writeFileSync(file, text);
  const reading = readSettingsFile(file);
  if (reading.status === 'valid') return { ...reading.settings.MailSmtp, names: reading.names };
  return reading.problems.map(({ code, message }) => `${code} ${message.replace(file, 'f')}`);
}

describe('the settings file', () => {
  it('gives what it sets, and leaves the rest', () => {
    const text = `
MailSmtp:
  databytes: 25
  smtp_greeting: mx.example.com hello
  realtime_sbl_blacklists: [bl.example.net]
  mta_level_email_address_blacklist:
    - '.*\\ @.*'
    - '!.*@.*\\..*'
`;
    expect(read(text)).toMatchObject({
      databytes: 25,
      smtp_greeting: 'mx.example.com hello',
      realtime_sbl_blacklists: ['bl.example.net'],
      mta_level_email_address_blacklist: ['.*\\ @.*', '!.*@.*\\..*'],
      mta_level_outgoing_email_address_blacklist: [],
      realtime_sbl_reply_code: 451,
      timeout_smtpd: undefined,
      names: [
        'MailSmtp.databytes',
        'MailSmtp.smtp_greeting',
        'MailSmtp.realtime_sbl_blacklists',
        'MailSmtp.mta_level_email_address_blacklist',
      ],
    });
  });

  it.each(['', '# nothing yet\n', 'MailSmtp:\n', 'MailSmtp: {}\n'])('may set nothing: %j', (text) => {
    expect(read(text)).toMatchObject({ names: [], databytes: undefined });
  });

  it('tells everything that is wrong, with its line and what was probably meant', () => {
    const text = `MailSmtp:
  data_bytes: 25
  auth_mode: sometimes
  databytes: many
  realtime_sbl_blacklists:
    - bl.example.net
    - not a name
  mta_level_email_address_blacklist:
    - fine
    - (
    - 7
MailSmpt: {}
other: 1
`;
    expect(read(text)).toEqual([
      'ERR_SETTINGS_UNKNOWN f:2: unknown setting "MailSmtp.data_bytes"; did you mean "databytes"?',
      expect.stringMatching(
        /^ERR_SETTINGS_VALUE f:3: MailSmtp\.auth_mode: expected one of auth_no\/tls_no, .* got "sometimes"$/,
      ),
      'ERR_SETTINGS_VALUE f:4: MailSmtp.databytes: expected a whole number from 0 to 4194303, got "many"',
      expect.stringMatching(
        /^ERR_SETTINGS_VALUE f:7: MailSmtp\.realtime_sbl_blacklists\[1\]: "not a name" is no name/,
      ),
      'ERR_SETTINGS_VALUE f:10: MailSmtp.mta_level_email_address_blacklist[1]: the pattern "(" does not compile: the parenthesis is not closed (character 1)',
      'ERR_SETTINGS_VALUE f:11: MailSmtp.mta_level_email_address_blacklist[2]: expected text, got 7',
      'ERR_SETTINGS_UNKNOWN f:12: unknown setting "MailSmpt"; did you mean "MailSmtp"?',
      'ERR_SETTINGS_UNKNOWN f:13: unknown setting "other"',
    ]);
  });

  it.each([
    ['- a\n', 'ERR_SETTINGS_VALUE f:1: settings file: expected settings written as "name: value" below it'],
    [
      'MailSmtp: 5\n',
      'ERR_SETTINGS_VALUE f:1: MailSmtp: expected settings written as "name: value" below it',
    ],
    [
      'MailSmtp: {databytes: 1, databytes: 2}\n',
      'ERR_CONFIG_SYNTAX f:1: not valid YAML: this setting was given before',
    ],
    [
      'MailSmtp: {realtime_sbl_blacklists: {a: 1}}\n',
      expect.stringContaining('expected a list, got a value of type object'),
    ],
    [
      'MailSmtp: {mta_level_email_address_blacklist: [!x .*]}\n',
      'ERR_CONFIG_SYNTAX f:1: not valid YAML: tags such as !name are not used here; text that begins with ! needs quotes',
    ],
    ['MailSmtp: [\n', expect.stringMatching(/^ERR_CONFIG_SYNTAX /)],
    [Buffer.from([0xff, 0xfe]), 'ERR_SETTINGS_FILE f: cannot be read: it is not UTF-8 text'],
    ['__proto__: {databytes: 5}\n', 'ERR_SETTINGS_UNKNOWN f:1: unknown setting "__proto__"'],
  ])('refuses %j', (text, complaint) => {
    expect((read(text) as string[])[0]).toEqual(complaint);
  });

  it('refuses a file that is not there, with the setting that names it', () => {
    const reading = readSettingsFile('/nowhere/settings.yaml');
    expect(
      reading.status === 'invalid' && reading.problems.map(({ message, hint }) => `${message}. ${hint}`),
    ).toEqual([
      '/nowhere/settings.yaml: cannot be read: there is no such file. Check the path in settingsFile of postern.yaml and the permissions of the file.',
    ]);
  });
});

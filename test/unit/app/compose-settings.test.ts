import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composeSettings, type LiveSettings } from '../../../src/app/compose-settings.js';
import { InvalidConfigError, loadConfig } from '../../../src/app/load-config.js';
import { Teardown } from '../../../src/app/teardown.js';
import { createFactBus } from '../../../src/core/facts.js';
import { silentLogger } from '../../../src/core/log.js';
import { NOTHING_SET } from '../../../src/settings/settings-table.js';
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

interface Opened {
  readonly settings: LiveSettings;
  readonly clock: FakeClock;
  /** Facts in order, and changes heard. */
  readonly told: string[];
  readonly teardown: Teardown;
}

function open(settingsFile: string): Opened {
  const clock = createFakeClock();
  const told: string[] = [];
  const facts = createFactBus((error) => {
    throw error;
  });
  facts.subscribe('settings.loaded', ({ names }) => told.push(`loaded ${names}`));
  facts.subscribe('settings.kept', ({ message }) => told.push(`kept ${message.replace(settingsFile, 'f')}`));
  facts.subscribe('setting.ignored', ({ setting, reason }) => told.push(`ignored ${setting}: ${reason}`));
  const { config } = loadConfig({ file: null, machine: 'mx', settings: { settingsFile } });
  const teardown = new Teardown(silentLogger);
  const settings = composeSettings(config, { clock, facts, log: silentLogger }, teardown);
  settings.onChange((now) => told.push(`heard ${String(now.MailSmtp.databytes)}`));
  return { settings, clock, told, teardown };
}

const MB = (count: number): string => `MailSmtp: {databytes: ${count}}\n`;

describe('the settings in force', () => {
  it('are none without a file', () => {
    const { settings, told } = open('');
    settings.reload();
    expect(settings.current()).toBe(NOTHING_SET);
    expect(told).toEqual([]);
  });

  it('follow the file, when two looks in a row see the same', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, clock, told } = open(file);
    const first = settings.current();
    await clock.advance(1000);
    expect(settings.current()).toBe(first);
    writeFileSync(file, '');
    await clock.advance(250);
    // It was being written.
    writeFileSync(file, MB(22));
    await clock.advance(250);
    expect(settings.current()).toBe(first);
    await clock.advance(250);
    expect(settings.current().MailSmtp.databytes).toBe(22);
    expect(told).toEqual(['loaded MailSmtp.databytes', 'loaded MailSmtp.databytes', 'heard 22']);
  });

  it('stay where the file is wrong or gone, which is told once', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, clock, told } = open(file);
    writeFileSync(file, MB(-1));
    await clock.advance(1000);
    settings.reload();
    rmSync(file);
    await clock.advance(1000);
    await clock.advance(1000);
    expect(settings.current().MailSmtp.databytes).toBe(1);
    expect(told.slice(1)).toEqual([
      'kept f:1: MailSmtp.databytes: expected a whole number from 0 to 4194303, got -1',
      'kept f: cannot be read: there is no such file',
    ]);
    writeFileSync(file, MB(3));
    settings.reload();
    expect(settings.current().MailSmtp.databytes).toBe(3);
  });

  it('follow a link that is turned', async () => {
    const folder = tempFolder();
    for (const [name, count] of [
      ['one', 1],
      ['two', 2],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'settings.yaml'), MB(count));
    }
    symlinkSync('one', join(folder, 'current'));
    const { settings, clock } = open(join(folder, 'current', 'settings.yaml'));
    symlinkSync('two', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
    await clock.advance(500);
    expect(settings.current().MailSmtp.databytes).toBe(2);
  });

  it('refuse the start where the first file is wrong, with everything that is', () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, 'MailSmtp: {databytes: -1, nothing: 1}\n');
    expect(() => open(file)).toThrow(InvalidConfigError);
    expect(() => open(file)).toThrow(/databytes.*\n.*nothing/);
  });

  it('tell what cannot do what it says, and end with the teardown', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, 'MailSmtp: {auth_mode: auth_optional/tls_no}\n');
    const { told, teardown, clock } = open(file);
    expect(told).toEqual([
      'loaded MailSmtp.auth_mode',
      'ignored MailSmtp.auth_mode: AUTH takes auth.usersFile, which is not set',
    ]);
    await teardown.run();
    writeFileSync(file, MB(5));
    await clock.advance(1000);
    expect(told).toHaveLength(2);
  });
});

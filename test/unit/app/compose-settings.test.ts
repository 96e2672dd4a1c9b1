import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { composeSettings, type LiveSettings } from '../../../src/app/compose-settings.js';
import { InvalidConfigError, loadConfig } from '../../../src/app/load-config.js';
import { Teardown } from '../../../src/app/teardown.js';
import { createFactBus } from '../../../src/core/facts.js';
import { silentLogger } from '../../../src/core/log.js';
import { NOTHING_SET } from '../../../src/settings/settings-table.js';
import { eventually } from '../../helpers/eventually.js';
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

interface Opened {
  readonly settings: LiveSettings;
  readonly clock: FakeClock;
  /** Facts in order, and changes heard. */
  readonly told: string[];
  readonly teardown: Teardown;
  /** Moves time until so many things have been told; each look waits for the real file system. */
  until(lines: number): Promise<void>;
}

async function open(settingsFile: string, atStart: () => void = () => undefined): Promise<Opened> {
  const clock = createFakeClock();
  const told: string[] = [];
  const facts = createFactBus((error) => {
    throw error;
  });
  facts.subscribe('settings.loaded', ({ names }) => told.push(`loaded ${names}`));
  // The first reading tells of itself before it ends.
  const done = facts.subscribe('settings.loaded', () => {
    done();
    atStart();
  });
  facts.subscribe('settings.kept', ({ message }) => told.push(`kept ${message.replace(settingsFile, 'f')}`));
  facts.subscribe('setting.ignored', ({ setting, reason }) => told.push(`ignored ${setting}: ${reason}`));
  const { config } = loadConfig({ file: null, machine: 'mx', settings: { settingsFile } });
  const teardown = new Teardown(silentLogger);
  const settings = await composeSettings(config, { clock, facts, log: silentLogger }, teardown);
  settings.onChange((now) => told.push(`heard ${String(now.MailSmtp.databytes)}`));
  onTestFinished(() => teardown.run());
  const until = async (lines: number): Promise<void> => {
    await eventually(
      `${lines} lines`,
      async () => {
        await clock.advance(250);
        return told.length >= lines;
      },
      { about: () => told.join('\n') },
    );
  };
  return { settings, clock, told, teardown, until };
}

const MB = (count: number): string => `MailSmtp: {databytes: ${count}}\n`;

describe('the settings in force', () => {
  it('are none without a file', async () => {
    const { settings, told } = await open('');
    await settings.reload();
    expect(settings.current()).toBe(NOTHING_SET);
    expect(told).toEqual([]);
  });

  it('follow the file, and stay the same object while it says the same', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, told, until } = await open(file);
    const first = settings.current();
    writeFileSync(file, `# nothing new\n${MB(1)}`);
    await settings.reload();
    expect(settings.current()).toBe(first);
    writeFileSync(file, MB(22));
    await until(3);
    expect(settings.current().MailSmtp.databytes).toBe(22);
    expect(told).toEqual(['loaded MailSmtp.databytes', 'heard 22', 'loaded MailSmtp.databytes']);
  });

  it('follow a file that is saved while it is read at the start', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, until } = await open(file, () => {
      writeFileSync(file, MB(22));
    });
    expect(settings.current().MailSmtp.databytes).toBe(1);
    await until(3);
    expect(settings.current().MailSmtp.databytes).toBe(22);
  });

  it('stay where the file is wrong or gone, which is told once', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, told, until } = await open(file);
    writeFileSync(file, MB(-1));
    await until(2);
    await settings.reload();
    rmSync(file);
    await until(3);
    await settings.reload();
    expect(settings.current().MailSmtp.databytes).toBe(1);
    expect(told.slice(1)).toEqual([
      'kept f:1: MailSmtp.databytes: expected a whole number from 0 to 4194303, got -1',
      'kept f: cannot be read: there is no such file',
    ]);
    writeFileSync(file, MB(3));
    await settings.reload();
    expect(settings.current().MailSmtp.databytes).toBe(3);
  });

  it.each<readonly [string, (file: string) => void, string]>([
    ['a link that leads to itself', (file) => symlinkSync(file, file), 'ELOOP'],
    [
      'below a file where a folder was',
      (file) => {
        rmSync(join(file, '..'), { recursive: true });
        writeFileSync(join(file, '..'), '');
      },
      'ENOTDIR',
    ],
    ['a pipe that nobody writes into', (file) => execFileSync('mkfifo', [file]), 'it is no regular file'],
    ['a folder', (file) => mkdirSync(file), 'it is a folder'],
  ])('stay where the file becomes %s', async (_what, spoil, reason) => {
    const folder = join(tempFolder(), 'folder');
    mkdirSync(folder);
    const file = join(folder, 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, told, until } = await open(file);
    rmSync(file);
    spoil(file);
    await until(2);
    expect(told[1]).toContain(`kept f: cannot be read: ${reason}`);
    expect(settings.current().MailSmtp.databytes).toBe(1);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(file, MB(3));
    await settings.reload();
    expect(settings.current().MailSmtp.databytes).toBe(3);
  });

  it('stay where those who hear of others cannot use them', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, MB(1));
    const { settings, told } = await open(file);
    settings.onChange(() => {
      throw new Error('not these');
    });
    writeFileSync(file, MB(22));
    await settings.reload();
    expect(settings.current().MailSmtp.databytes).toBe(1);
    expect(told.at(-1)).toBe('kept not these');
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
    const { settings, until } = await open(join(folder, 'current', 'settings.yaml'));
    symlinkSync('two', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
    await until(3);
    expect(settings.current().MailSmtp.databytes).toBe(2);
  });

  it('refuse the start where the first file is wrong, with everything that is', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, 'MailSmtp: {databytes: -1, nothing: 1}\n');
    await expect(open(file)).rejects.toThrow(InvalidConfigError);
    await expect(open(file)).rejects.toThrow(/databytes.*\n.*nothing/);
  });

  it('tell what cannot do what it says, and end with the teardown', async () => {
    const file = join(tempFolder(), 'settings.yaml');
    writeFileSync(file, 'MailSmtp: {auth_mode: auth_optional/tls_no}\n');
    const { told, teardown, clock } = await open(file);
    expect(told).toEqual([
      'loaded MailSmtp.auth_mode',
      'ignored MailSmtp.auth_mode: AUTH takes auth.usersFile, which is not set',
    ]);
    await teardown.run();
    expect(clock.pending()).toBe(0);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { usersStep } from '../../../src/app/check-users.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const TLS: ConfigInput = { tls: { certificate: 'a.pem', key: 'a.key' } };

let cwd = '';
beforeEach(() => {
  cwd = tempFolder();
});

function writeUsers(text: string, mode = 0o600): void {
  writeFileSync(join(cwd, 'users'), text, { mode });
}

async function findings(settings: ConfigInput = {}): Promise<string[]> {
  const all: ConfigInput = { auth: { usersFile: './users' }, ...TLS, ...settings };
  const { config } = loadConfig({ cwd, file: null, machine: 'mx', settings: all });
  const found = await usersStep.run(config);
  return found.map(({ severity, message }) => `${severity}: ${message.replaceAll(`${cwd}/`, '')}`);
}

describe('the check of users', () => {
  it('has nothing to say without a users file, and when all is well', async () => {
    expect(await findings({ auth: {} })).toEqual([]);
    writeUsers('ann:{PLAIN}secret\n');
    expect(await findings()).toEqual([]);
  });

  it('finds a file that a start would refuse', async () => {
    expect(await findings()).toEqual([
      expect.stringMatching(/^error: auth\.usersFile: users cannot be used: ENOENT/),
    ]);
    writeUsers('no colon\n');
    expect(await findings()).toEqual([
      expect.stringMatching(/^error: auth\.usersFile: users cannot be used: users:1: /),
    ]);
  });

  it('finds wrong lines, no users, and a mode that lets others in', async () => {
    writeUsers('ann:{PLAIN}secret\nbad\n', 0o644);
    expect(await findings()).toEqual([
      expect.stringMatching(/^warning: users:2: /),
      'warning: users is open to every user of this machine (mode 644); use 600',
    ]);
    writeUsers('# nobody yet\n');
    expect(await findings()).toContain('warning: users has no users; nobody can log in');
  });

  it('does not show every line of a file that is wrong throughout', async () => {
    writeUsers(`ann:{PLAIN}secret\n${'bad\n'.repeat(1000)}`);
    const told = await findings();
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBe('warning: users: 990 more lines are wrong');
  });

  it.each<[string, ConfigInput, boolean]>([
    ['TLS on one of the listeners', { listeners: [{ kind: 'lmtp' }, {}] }, true],
    ['no certificate', { tls: {} }, false],
    ['no certificate, but a listener in clear', { tls: {}, listeners: [{ authInClear: true }] }, true],
    ['AUTH switched off', { listeners: [{ auth: 'never' }] }, false],
    ['TLS switched off', { listeners: [{ tls: 'never' }] }, false],
  ])('knows whether anybody can log in: %s', async (_, settings, canLogIn) => {
    writeUsers('ann:{PLAIN}secret\n');
    const told = 'warning: auth.usersFile: no listener offers AUTH; it is offered over TLS only';
    expect(await findings(settings)).toEqual(canLogIn ? [] : [told]);
  });
});

import { chmodSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  LARGEST_FILE,
  openUsersFile,
  type UsersFile,
  type UsersReload,
} from '../../../src/auth/users-file.js';
import { eventually } from '../../helpers/eventually.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const HASH = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function usersPath(text: string): string {
  const path = join(tempFolder(), 'users');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function opened(path: string): Promise<UsersFile> {
  const opening = await openUsersFile(path);
  if (opening.status !== 'opened') throw new Error(opening.reason);
  return opening.users;
}

describe('openUsersFile', () => {
  it('finds users, and says who is refused and why', async () => {
    const users = await opened(usersPath(`ann:${HASH}\nbad\n`));
    expect(users.find('ann')).toEqual({ kind: 'hash', hash: HASH });
    expect(users.find('Ann')).toBeUndefined();
    expect(users.find('toString')).toBeUndefined();
    expect(users).toMatchObject({ size: 1, hasPlainSecrets: false, warning: undefined });
    expect(users.findings).toEqual([{ line: 2, user: '', reason: expect.any(String) as unknown }]);
  });

  it('opens an empty file: nobody can log in', async () => {
    expect(await opened(usersPath('# nobody yet\n'))).toMatchObject({ size: 0, findings: [] });
  });

  it.each([
    ['a file that is not there', (path: string) => rmSync(path), /ENOENT/],
    [
      'a folder',
      (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
      /is not a file/,
    ],
    ['a file that is too large', (path: string) => truncateSync(path, LARGEST_FILE + 1), /is larger than/],
    ['nothing but wrong lines', (path: string) => writeFileSync(path, 'x\ny\n'), /users:1: .*no line/],
  ])('fails for %s, with the reason', async (_what, spoil, reason) => {
    const path = usersPath('ann:{PLAIN}a\n');
    spoil(path);
    expect(await openUsersFile(path)).toEqual({
      status: 'failed',
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  it.each([
    [0o600, undefined],
    [0o640, undefined],
    [0o644, /open to every user .*mode 644/],
    [0o602, /open to every user/],
    [0o660, /written by its group/],
  ])('warns about mode %o: %s', async (mode, warning) => {
    const path = usersPath('');
    chmodSync(path, mode);
    const users = await opened(path);
    if (warning) expect(users.warning).toMatch(warning);
    else expect(users.warning).toBeUndefined();
  });
});

describe('reload', () => {
  it('takes a changed file over, and does nothing without a change', async () => {
    const path = usersPath('ann:{PLAIN}a\n');
    const users = await opened(path);
    await expect(users.reload()).resolves.toEqual({ status: 'unchanged' });
    writeFileSync(path, `tim:${HASH}\nann:{PLAIN}\n`);
    await expect(users.reload()).resolves.toEqual({ status: 'reloaded' });
    // Neither removed nor badly written users keep what they had.
    expect(users.find('ann')).toBeUndefined();
    expect(users.find('tim')).toBeDefined();
    expect(users).toMatchObject({ size: 1, hasPlainSecrets: false });
    expect(users.findings).toHaveLength(1);
  });

  it('keeps the users when the new file is broken, and says why', async () => {
    const path = usersPath('ann:{PLAIN}a\n');
    const users = await opened(path);
    for (const spoil of [() => writeFileSync(path, 'x\n'), () => rmSync(path)]) {
      spoil();
      expect(await users.reload()).toEqual({ status: 'kept', reason: expect.any(String) as unknown });
      expect(users.find('ann')).toBeDefined();
    }
    writeFileSync(path, 'tim:{PLAIN}t\n');
    await expect(users.reload()).resolves.toEqual({ status: 'reloaded' });
    expect(users.find('ann')).toBeUndefined();
  });
});

describe('watch', () => {
  async function watched(path: string) {
    const clock = createFakeClock();
    const heard: UsersReload[] = [];
    const users = await opened(path);
    const cancel = users.watch(clock, (reload) => heard.push(reload));
    /** Looks, and waits until the look is over and the next one is set. */
    const look = async (): Promise<void> => {
      await clock.advance(1000);
      await eventually('the end of the look', () => clock.pending() === 1);
    };
    return { clock, heard, users, look, cancel };
  }

  it('reloads a file that was replaced and rests', async () => {
    const path = usersPath('ann:{PLAIN}a\n');
    const { heard, users, look, cancel } = await watched(path);
    await look();
    await look();
    writeFileSync(`${path}.new`, 'tim:{PLAIN}t\n');
    renameSync(`${path}.new`, path);
    await look();
    expect(heard).toEqual([]);
    await look();
    expect(heard).toEqual([{ status: 'reloaded' }]);
    expect(users.find('tim')).toBeDefined();
    await look();
    expect(heard).toHaveLength(1);
    cancel();
  });

  it('tells of a broken file once, and of its repair', async () => {
    const path = usersPath('ann:{PLAIN}a\n');
    const { heard, users, look, cancel } = await watched(path);
    rmSync(path);
    for (let i = 0; i < 4; i += 1) await look();
    expect(heard).toMatchObject([{ status: 'kept' }]);
    expect(users.find('ann')).toBeDefined();
    writeFileSync(path, 'tim:{PLAIN}t\n', { mode: 0o600 });
    for (let i = 0; i < 3; i += 1) await look();
    expect(heard.map(({ status }) => status)).toEqual(['kept', 'reloaded']);
    cancel();
  });

  it('ends when it is cancelled', async () => {
    const { clock, look, cancel } = await watched(usersPath(''));
    await look();
    cancel();
    expect(clock.pending()).toBe(0);
  });
});

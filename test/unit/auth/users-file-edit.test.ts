import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editUsersFile } from '../../../src/auth/users-file-edit.js';
import { tempFolder } from '../../helpers/temp-folder.js';

function usersPath(text?: string, mode = 0o600): string {
  const path = join(tempFolder(), 'users');
  if (text !== undefined) {
    writeFileSync(path, text);
    chmodSync(path, mode);
  }
  return path;
}

const append = (octets: Buffer): Buffer => Buffer.concat([octets, Buffer.from('tim:x\n')]);

describe('editUsersFile', () => {
  it('makes a file that only its owner can read, and leaves nothing beside it', async () => {
    const path = usersPath();
    await expect(editUsersFile(path, append)).resolves.toEqual({ status: 'written' });
    expect(readFileSync(path, 'utf8')).toBe('tim:x\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['users']);
  });

  it.each([
    [0o644, 0o640],
    [0o666, 0o640],
    [0o600, 0o600],
    [0o400, 0o600],
  ])('of the mode %o keeps no more than the group reading: %o', async (before, after) => {
    const path = usersPath('ann:x\n', before);
    await editUsersFile(path, append);
    expect(readFileSync(path, 'utf8')).toBe('ann:x\ntim:x\n');
    expect(statSync(path).mode & 0o777).toBe(after);
  });

  it('puts a new file in the place of the old one, so that a reader of the old one is not disturbed', async () => {
    const path = usersPath('ann:x\n');
    const before = statSync(path).ino;
    await editUsersFile(path, append);
    expect(statSync(path).ino).not.toBe(before);
  });

  it('writes behind a link and keeps the link', async () => {
    const path = usersPath('ann:x\n');
    const link = join(dirname(path), 'link');
    symlinkSync(path, link);
    await editUsersFile(link, append);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('ann:x\ntim:x\n');
  });

  it.each([
    ['nothing', () => undefined],
    ['the same', (octets: Buffer) => Buffer.from(octets)],
  ])('leaves the file alone when the change answers %s', async (_what, change) => {
    const path = usersPath('ann:x\n');
    const before = statSync(path).ino;
    await expect(editUsersFile(path, change)).resolves.toEqual({ status: 'unchanged' });
    expect(statSync(path).ino).toBe(before);
    expect(readdirSync(dirname(path))).toEqual(['users']);
  });

  it('lets only one write at a time', async () => {
    const path = usersPath('ann:x\n');
    writeFileSync(`${path}.new`, '');
    await expect(editUsersFile(path, append)).resolves.toEqual({ status: 'locked', file: `${path}.new` });
    expect(existsSync(`${path}.new`)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('ann:x\n');
  });

  it.each([
    [
      'the change throws',
      usersPath,
      () => {
        throw new Error('no');
      },
      /no/,
    ],
    ['it would grow too large', usersPath, () => Buffer.alloc(8 * 1024 * 1024 + 1), /grow beyond/],
    [
      'a folder stands there',
      () => {
        const path = usersPath();
        mkdirSync(path);
        return path;
      },
      append,
      /is not a file/,
    ],
    ['there is no such folder', () => join(tempFolder(), 'none', 'users'), append, /ENOENT/],
  ] as const)(
    'fails with the reason when %s, and leaves nothing behind',
    async (_what, make, change, reason) => {
      const path = make();
      const before = existsSync(path);
      const outcome = await editUsersFile(path, change);
      expect(outcome).toEqual({ status: 'failed', reason: expect.stringMatching(reason) as unknown });
      expect(existsSync(path)).toBe(before);
      expect(existsSync(`${path}.new`)).toBe(false);
    },
  );
});

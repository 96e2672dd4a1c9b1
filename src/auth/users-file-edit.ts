/**
 * Writes the users file so that every reader sees the old one or the new one, whole.
 *
 * The new text goes into `<file>.new`, which only one writer can create at a time, is fsynced and
 * takes the old file's name. A crash before the rename leaves the old file and at most a
 * `<file>.new` that nobody reads; a crash after it leaves the new file.
 *
 * Callers: cli. What an operator can mend is a value; nothing here throws.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../core/errors.js';
import { LARGEST_FILE, readBounded } from './users-file.js';

export type EditOutcome =
  | { readonly status: 'written' | 'unchanged' }
  /** `<file>.new` is there: another command is writing, or one was interrupted. */
  | { readonly status: 'locked'; readonly file: string }
  | { readonly status: 'failed'; readonly reason: string };

/** Given the file (empty when there is none), answers the new one, or undefined to leave it. */
export type Change = (octets: Buffer) => Buffer | undefined;

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** What `work` answers, or undefined when there is no such file. */
async function ifExists<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function editUsersFile(path: string, change: Change): Promise<EditOutcome> {
  let fresh = `${path}.new`;
  try {
    // Behind a link, the file itself is replaced and the link stays.
    const target = (await ifExists(realpath(path))) ?? path;
    fresh = `${target}.new`;
    const handle = await open(fresh, 'wx', 0o600);
    return await replace(target, handle, change);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return { status: 'locked', file: fresh };
    return { status: 'failed', reason: messageOf(error) };
  }
}

async function replace(target: string, handle: FileHandle, change: Change): Promise<EditOutcome> {
  const fresh = `${target}.new`;
  try {
    const isChanged = await writeNew(handle, target, change);
    await handle.close();
    if (isChanged) await rename(fresh, target);
    else await unlink(fresh);
    return isChanged ? await syncFolder(target) : { status: 'unchanged' };
  } catch (error) {
    // What was begun goes; the old file was never touched.
    await Promise.allSettled([handle.close(), unlink(fresh)]);
    return { status: 'failed', reason: messageOf(error) };
  }
}

/** Fills the new file, durably and with the old one's owner; whether there was anything to write. */
async function writeNew(handle: FileHandle, target: string, change: Change): Promise<boolean> {
  const old = await ifExists(stat(target));
  if (old && !old.isFile()) throw new Error(`${target} is not a file`);
  const before = old ? await readBounded(target) : Buffer.alloc(0);
  if (!before) throw new Error(`${target} is larger than ${LARGEST_FILE} octets`);
  const after = change(before);
  if (!after || after.equals(before)) return false;
  if (after.length > LARGEST_FILE) throw new Error(`it would grow beyond ${LARGEST_FILE} octets`);
  await handle.writeFile(after);
  if (old) {
    // Root may edit a file that the server reads under another name: owner and group stay, and so
    // does the group's leave to read. Nobody else gets any.
    const own = await handle.stat();
    if (own.uid !== old.uid || own.gid !== old.gid) await handle.chown(old.uid, old.gid);
    await handle.chmod(0o600 | (old.mode & constants.S_IRGRP));
  }
  await handle.sync();
  return true;
}

/** Until the folder is on disk, a loss of power may bring the old file back. */
async function syncFolder(target: string): Promise<EditOutcome> {
  try {
    const folder = await open(dirname(target), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return { status: 'written' };
  } catch (error) {
    return { status: 'failed', reason: `written, but perhaps not yet on disk: ${messageOf(error)}` };
  }
}

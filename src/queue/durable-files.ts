/**
 * The file operations durability rests on.
 *
 * A new name is on disk only when its directory has been fsynced, and a directory fsync is the
 * most expensive step of all; callers that wait for the same directory at the same time share
 * one. No fsync is ever repeated after it failed: the kernel may have marked the lost pages clean,
 * and a second call would report success for them.
 *
 * Callers: queue/bodies, queue/lock, delivery/local.
 */
import { link, mkdir, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, QueueError } from '../core/errors.js';

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The `code` of a system error, or an empty text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A system error as the queue reports it: ERR_QUEUE_FULL or ERR_QUEUE_WRITE. */
export function diskError(error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  const code = NO_ROOM.has(systemCode(error)) ? 'ERR_QUEUE_FULL' : 'ERR_QUEUE_WRITE';
  return new QueueError(code, { cause: error, detail: { reason: messageOf(error), stored: 'no' } });
}

async function fsyncOnce(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a directory durable; a call made during an fsync shares the next one. */
export type SyncDirectory = (directory: string) => Promise<void>;

export function createDirectorySync(): SyncDirectory {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  function start(directory: string): Promise<void> {
    const sync = fsyncOnce(directory).finally(() => running.delete(directory));
    running.set(directory, sync);
    return sync;
  }

  return (directory) => {
    const current = running.get(directory);
    if (!current) return start(directory);
    // The fsync under way may have begun before our name was made, so it does not count for us.
    const waiting = next.get(directory);
    if (waiting) return waiting;
    const following = current
      .catch(() => {
        // Its own callers hear of it; the one that follows is a new fsync for new names.
      })
      .then(() => {
        next.delete(directory);
        return start(directory);
      });
    next.set(directory, following);
    return following;
  };
}

/** Link is refused by file systems without hard links; there a look and a rename must do. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

async function renameUnlessThere(from: string, to: string): Promise<'published' | 'exists'> {
  try {
    await stat(to);
    return 'exists';
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  await rename(from, to);
  return 'published';
}

/**
 * Gives a finished, fsynced file its final name without ever replacing another file. A crash
 * leaves the file under the old name, the new one, or both; never half of it under the new one.
 */
export async function publishFile(from: string, to: string): Promise<'published' | 'exists'> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return 'exists';
    if (NO_LINKS.has(code)) return renameUnlessThere(from, to);
    throw error;
  }
  await unlink(from);
  return 'published';
}

/** Removes a file; one that is not there is as good as removed. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes a directory and its missing parents, durably: each new name's directory is fsynced. */
export async function makeDirectory(directory: string, mode: number): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode });
  if (first === undefined) return;
  const stop = dirname(first);
  for (let at = dirname(directory); ; at = dirname(at)) {
    await fsyncOnce(at);
    if (at === stop) return;
  }
}

/** Writes all pieces in order; the system may take fewer octets at a time than it is given. */
export async function writeAll(handle: FileHandle, pieces: readonly Buffer[]): Promise<void> {
  let rest = pieces.filter((piece) => piece.length > 0);
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest);
    while (rest[0] && bytesWritten >= rest[0].length) {
      bytesWritten -= rest[0].length;
      rest = rest.slice(1);
    }
    if (rest[0] && bytesWritten > 0) rest = [rest[0].subarray(bytesWritten), ...rest.slice(1)];
  }
}

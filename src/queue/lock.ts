/**
 * One owner for each data directory.
 *
 * Who holds the kernel's lock on `lock.db` owns the directory; the end of the process, however it
 * comes, ends the lock. The file `lock` beside it only tells people the owner's process number: it
 * decides nothing, because numbers are used again and mean another process in another container.
 * A crash before the number is written leaves the number of an earlier owner for the message.
 *
 * Callers: queue/open. Fails with ERR_QUEUE_LOCKED.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueueError } from '../core/errors.js';
import { removeFile } from './durable-files.js';
import { takeFileLock } from './sqlite/file-lock.js';

/** The number that the owner has left; good enough for a message, and for nothing else. */
async function ownerNumber(path: string): Promise<string> {
  const text = await readFile(path, 'latin1').catch(() => '');
  return /^\d{1,10}/.exec(text)?.[0] ?? 'unknown';
}

/** Takes the lock of a directory that exists; the returned function gives it back. */
export async function lockDirectory(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const release = takeFileLock(join(dir, 'lock.db'));
  if (!release) throw new QueueError('ERR_QUEUE_LOCKED', { detail: { dir, pid: await ownerNumber(path) } });
  try {
    await writeFile(path, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    release();
    throw error;
  }
  return async () => {
    // While the lock still holds, so that the number of the next owner is not what goes.
    await removeFile(path).finally(release);
  };
}

/**
 * One owner for each data directory.
 *
 * The lock is a file that names its process by number and start time, because numbers are used
 * again, in containers at every start. A lock whose process has gone is taken over. A crash while
 * it is written leaves a file that names nobody, which counts as gone too.
 *
 * Callers: queue/queue when it opens a directory for itself. Fails with ERR_QUEUE_LOCKED.
 */
import { readFileSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueueError } from '../core/errors.js';
import { removeFile, systemCode } from './durable-files.js';

/** Directories this very process has locked; its own number alone would not tell. */
const ours = new Set<string>();

/** When a process began, in clock ticks since the machine did; empty where /proc does not tell. */
function startedAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name is in brackets and may hold anything; the fields after it are numbers.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ESRCH'].includes(systemCode(error))) return '';
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** The number of the living process that holds the lock described by `text`, if there is one. */
function holder(text: string, path: string): number | undefined {
  const [pidText = '', started = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (pid === process.pid) return ours.has(path) ? pid : undefined;
  if (!isAlive(pid)) return undefined;
  const now = startedAt(pid);
  return started !== '' && now !== '' && started !== now ? undefined : pid;
}

/** Moves a stale lock aside; puts it back when somebody else had replaced it in between. */
async function moveAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${process.pid}.old`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== stale) await link(aside, path);
  await unlink(aside);
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid} ${startedAt(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Two who find the same stale lock meet here again; more rounds than two mean a living rival. */
const ROUNDS = 3;

/** Takes the lock of a directory; the returned function gives it back. */
export async function lockDirectory(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  for (let round = 0; round < ROUNDS; round += 1) {
    if (await create(path)) {
      ours.add(path);
      return async () => {
        ours.delete(path);
        await removeFile(path);
      };
    }
    const text = await readLock(path);
    if (text === undefined) continue;
    const pid = holder(text, path);
    if (pid !== undefined) throw new QueueError('ERR_QUEUE_LOCKED', { detail: { dir, pid } });
    await moveAside(path, text);
  }
  throw new QueueError('ERR_QUEUE_LOCKED', { detail: { dir, pid: 'another starting one' } });
}

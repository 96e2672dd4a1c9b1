/**
 * One owner for each data directory.
 *
 * The lock is a file that names its process by number and start time, because numbers are used
 * again, in containers at every start. It appears whole (written aside, then linked), so whoever
 * reads it reads all of it. A lock whose process has gone is replaced by one contender at a time,
 * who holds `lock.takeover` meanwhile and looks again under it; a crash in that moment leaves a
 * `lock.takeover` of a dead process, which the next start removes.
 *
 * Callers: queue/open. Fails with ERR_QUEUE_LOCKED.
 */
import { readFileSync } from 'node:fs';
import { link, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueueError } from '../core/errors.js';
import { removeFile, systemCode } from './durable-files.js';

/** What this very process has written into locks; its own number alone would not tell. */
const ours = new Set<string>();

interface ProcessFacts {
  /** When it began, in clock ticks since the machine did; empty where /proc does not tell. */
  readonly started: string;
  /** It has ended, but nobody has asked for its status yet; a container's first process may never ask. */
  readonly hasEnded: boolean;
}

function factsOf(pid: number): ProcessFacts {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name is in brackets and may hold anything; the fields after it are plain.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { started: fields[19] ?? '', hasEnded: fields[0] === 'Z' || fields[0] === 'X' };
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ESRCH'].includes(systemCode(error))) return { started: '', hasEnded: false };
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

/** The number of the living process that a lock names, if there is one. */
function holderOf(text: string): number | undefined {
  const [pidText = '', started = ''] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (pid === process.pid) return ours.has(text) ? pid : undefined;
  if (!isAlive(pid)) return undefined;
  const now = factsOf(pid);
  if (now.hasEnded) return undefined;
  return started !== '' && now.started !== '' && started !== now.started ? undefined : pid;
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives a file a second name unless something has that name already. */
async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Puts our file in place of a lock whose process has gone; `false`: look again. */
async function takeOver(path: string, own: string): Promise<boolean> {
  const mutex = `${path}.takeover`;
  if (!(await linkUnlessThere(own, mutex))) {
    const text = await readLock(mutex);
    if (text !== undefined && holderOf(text) === undefined) await removeFile(mutex);
    return false;
  }
  try {
    const text = await readLock(path);
    // Somebody was faster: the stale lock has gone, or has been replaced by one of the living.
    if (text === undefined || holderOf(text) !== undefined) return false;
    await rename(own, path);
    return true;
  } finally {
    await removeFile(mutex);
  }
}

/** One try; answers the number of the living holder, or whether we have the lock. */
async function tryLock(path: string, own: string): Promise<boolean | number> {
  if (await linkUnlessThere(own, path)) return true;
  const text = await readLock(path);
  if (text === undefined) return false;
  return holderOf(text) ?? (await takeOver(path, own));
}

/** Rivals that start at the same moment may need some rounds; one of them wins in each. */
const ROUNDS = 50;

/**
 * Takes the lock of a directory; the returned function gives it back. `owner` is a text without
 * spaces that nobody else uses; it becomes part of a file name.
 */
export async function lockDirectory(dir: string, owner: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const own = `${path}.${owner}`;
  const text = `${process.pid} ${factsOf(process.pid).started} ${owner}`;
  ours.add(text);
  let locked = false;
  try {
    await writeFile(own, text, { flag: 'wx', mode: 0o600 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = await tryLock(path, own);
      if (typeof result === 'number') {
        throw new QueueError('ERR_QUEUE_LOCKED', { detail: { dir, pid: result } });
      }
      if (!result) continue;
      locked = true;
      return async () => {
        ours.delete(text);
        await removeFile(path);
      };
    }
    throw new QueueError('ERR_QUEUE_LOCKED', { detail: { dir, pid: 'another one that starts' } });
  } finally {
    if (!locked) ours.delete(text);
    await removeFile(own);
  }
}

/**
 * Users from a file, taken over again when the file changes.
 *
 * A new file takes effect as a whole: users it no longer names are refused at once, and so are
 * those whose line is wrong. A file that cannot be read, is too large, or holds nothing but wrong
 * lines is broken, and the users known before stay, because an accident while saving must not lock
 * everybody out.
 *
 * Callers: app, which tells the operator what came of a reload; cli. Nothing here throws.
 */
import { open, stat } from 'node:fs/promises';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { parseUsers, type UsersFinding, type UsersReading } from './parse-users.js';
import type { UserSource } from './user-source.js';

/** Largest users file, octets: some fifty thousand users. */
export const LARGEST_FILE: number = 8 * 1024 * 1024;
/** How often the file is looked at, milliseconds. */
const LOOK_MS = 1000;

export interface UsersFile extends UserSource {
  /** Users that can log in. */
  readonly size: number;
  /** Their names, in the order of the file. */
  names(): readonly string[];
  /** What is wrong in the file in use; those users are refused. */
  readonly findings: readonly UsersFinding[];
  /** Why others than its owner should not be able to do what they can with the file. */
  readonly warning: string | undefined;
  /** Looks whether the file has changed, and takes it over unless it is broken. */
  reload(): Promise<UsersReload>;
  /**
   * Looks every second from now on, and reloads a change once the file has rested for a second.
   * `tell` hears every reload but those without a change, the same breakage once; it may not throw.
   */
  watch(clock: Clock, tell: (reload: UsersReload) => void): Cancel;
}

export type UsersReload =
  | { readonly status: 'reloaded' | 'unchanged' }
  /** The new file is broken; the users known before stay. */
  | { readonly status: 'kept'; readonly reason: string };

export type UsersOpening =
  | { readonly status: 'opened'; readonly users: UsersFile }
  | { readonly status: 'failed'; readonly reason: string };

/** The file as it was when it was read; `mark` tells a changed one. */
interface Loaded extends UsersReading {
  readonly mark: string;
  readonly mode: number;
}

type Loading = Loaded | { readonly broken: string };

async function markOf(path: string): Promise<{ readonly mark: string; readonly mode: number }> {
  const found = await stat(path, { bigint: true });
  // Opening a pipe would wait for whoever writes into it.
  if (!found.isFile()) throw new Error(`${path} is not a file`);
  const { ino, size, mtimeNs, ctimeNs, mode } = found;
  return { mark: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, mode: Number(mode) };
}

/** At most `LARGEST_FILE` octets of a regular file; undefined when there are more, whatever its size is said to be. */
export async function readBounded(path: string): Promise<Buffer | undefined> {
  const handle = await open(path, 'r');
  try {
    const room = Buffer.allocUnsafe(LARGEST_FILE + 1);
    let length = 0;
    while (length < room.length) {
      const { bytesRead } = await handle.read(room, length, room.length - length, null);
      if (bytesRead === 0) return Buffer.from(room.subarray(0, length));
      length += bytesRead;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

async function load(path: string): Promise<Loading> {
  try {
    // The mark is taken first: a file that changes while it is read is read again at the next look.
    const { mark, mode } = await markOf(path);
    const octets = await readBounded(path);
    if (!octets) return { broken: `${path} is larger than ${LARGEST_FILE} octets` };
    const reading = parseUsers(octets);
    const [first] = reading.findings;
    if (first && reading.users.size === 0) {
      return { broken: `${path}:${first.line}: ${first.reason}; no line of the file is right` };
    }
    return { ...reading, mark, mode };
  } catch (error) {
    return { broken: messageOf(error) };
  }
}

function warningOf(path: string, mode: number): string | undefined {
  const octal = (mode & 0o777).toString(8);
  if ((mode & 0o007) !== 0) return `${path} is open to every user of this machine (mode ${octal}); use 600`;
  if ((mode & 0o020) !== 0) return `${path} can be written by its group (mode ${octal}); use 640 or 600`;
  return undefined;
}

export async function openUsersFile(path: string): Promise<UsersOpening> {
  const first = await load(path);
  if ('broken' in first) return { status: 'failed', reason: first.broken };
  return { status: 'opened', users: createUsersFile(path, first) };
}

function createUsersFile(path: string, first: Loaded): UsersFile {
  let current = first;
  let hasPlainSecrets = holdsPlain(first);
  let running: Promise<UsersReload> | undefined;

  async function reloadNow(): Promise<UsersReload> {
    const loading = await load(path);
    if ('broken' in loading) return { status: 'kept', reason: loading.broken };
    if (loading.mark === current.mark) return { status: 'unchanged' };
    current = loading;
    hasPlainSecrets = holdsPlain(loading);
    return { status: 'reloaded' };
  }

  function reload(): Promise<UsersReload> {
    running ??= reloadNow().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    find: (name) => current.users.get(name),
    names: () => [...current.users.keys()],
    get hasPlainSecrets() {
      return hasPlainSecrets;
    },
    get size() {
      return current.users.size;
    },
    get findings() {
      return current.findings;
    },
    get warning() {
      return warningOf(path, current.mode);
    },
    reload,
    watch: (clock, tell) => watchFile({ path, clock, tell, reload, mark: current.mark }),
  };
}

function holdsPlain({ users }: Loaded): boolean {
  return [...users.values()].some(({ kind }) => kind === 'plain');
}

interface Watching {
  readonly path: string;
  readonly clock: Clock;
  readonly tell: (reload: UsersReload) => void;
  readonly reload: () => Promise<UsersReload>;
  /** Of the file in use when the watch begins. */
  readonly mark: string;
}

/** A look costs one system call; it also sees what replaces a link or a folder above, which events miss. */
function watchFile({ path, clock, tell, reload, mark }: Watching): Cancel {
  let settled = mark;
  let seen = mark;
  let isOver = false;
  let cancel: Cancel = () => undefined;

  async function look(): Promise<void> {
    const now = await markOf(path).then(
      (found) => found.mark,
      (error: unknown) => `broken: ${messageOf(error)}`,
    );
    // Somebody may be writing: wait until two looks see the same.
    if (now === seen && now !== settled && !isOver) {
      settled = now;
      const result = await reload();
      if (result.status !== 'unchanged' && !isOver) tell(result);
    }
    seen = now;
  }

  function next(): void {
    if (isOver) return;
    cancel = clock.after(LOOK_MS, () => {
      // What `tell` should throw must not end the looking.
      look().then(next, next);
    });
  }

  next();
  return () => {
    isOver = true;
    cancel();
  };
}

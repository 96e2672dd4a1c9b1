/**
 * The log that commits go to first, and how it gets into the database file.
 *
 * SQLite would do that by itself after a commit and drop the error, and an error here must be
 * heard: it may be the first news of pages that are lost, and a second fsync of the same file
 * would hide it. So its automatism is off, and `tend` does the work between the batches. What was
 * answered as stored is in the log and on disk by then; a failed attempt takes nothing of it away.
 * While somebody reads an old state the log cannot begin anew; `hasRoom` bounds it.
 *
 * Callers: sqlite/database, outside of transactions. A crash in between leaves the log as it was,
 * and whatever of it is in the file already is written there once more.
 */
import SqliteDatabase, { type Database } from 'better-sqlite3';

export interface WriteAheadLog {
  /** Moves a log that has become long into the file. Throws when a disk fails: use the handle no more. */
  tend(): void;
  /** Whether what makes the database larger may go on. Throws like `tend`. */
  hasRoom(): boolean;
}

/** What PRAGMA wal_checkpoint answers: frames in the log, and how many of them are in the file. */
interface LogState {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** So many new pages go into the file at once; SQLite's own measure. */
const LONG_PAGES = 1000;

export function sqliteCode(error: unknown): string {
  return error instanceof SqliteDatabase.SqliteError ? error.code : '';
}

/** What somebody else's lock or a full disk prevents loses nothing, and is done a batch later. */
function isForNow(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 'SQLITE_FULL' || code.startsWith('SQLITE_BUSY');
}

/** Runs a checkpoint, or a look at the log. `undefined`: not now. */
function forNow(run: () => LogState): LogState | undefined {
  try {
    return run();
  } catch (error) {
    if (isForNow(error)) return undefined;
    throw error;
  }
}

/** Leaves the log to `tend`; to be called before the first write. */
export function takeOverLog(db: Database): void {
  db.pragma('wal_autocheckpoint = 0');
}

/**
 * What a failed handle left in the log goes into the file before anything new is written: its
 * pages may be lost although they can still be read, and a log is good only up to the first of
 * those. While somebody else reads an old state it cannot be emptied, and then nothing is written.
 */
export function emptyLog(db: Database): void {
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as LogState[];
  if (result?.busy !== 0) throw new Error('another process keeps the log of the database from being emptied');
}

/** `mostPages` is where the log ends when it cannot begin anew. */
export function openLog(db: Database, mostPages: number, waitMs: number): WriteAheadLog {
  const checkpointer = (mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE') => {
    const statement = db.prepare(`PRAGMA wal_checkpoint(${mode})`);
    return () => forNow(() => statement.get() as LogState);
  };
  const look = checkpointer('NOOP');
  const move = checkpointer('PASSIVE');
  const empty = checkpointer('TRUNCATE');
  let full = false;

  /** Emptied at once or not at all: a batch waits for the disk, not for somebody who reads. */
  function emptied(): boolean {
    db.pragma('busy_timeout = 0');
    try {
      return empty()?.busy === 0;
    } finally {
      db.pragma(`busy_timeout = ${waitMs}`);
    }
  }

  return {
    tend() {
      const state = look();
      if (!state) return;
      if (state.log - state.checkpointed >= LONG_PAGES) move();
      full = state.log >= mostPages;
    },
    hasRoom() {
      if (full) full = !emptied();
      return !full;
    },
  };
}

/**
 * Closes a handle after a fault and leaves the log to the next one, which reads it from the start
 * and stops at the first page that is not whole. SQLite empties the log when the last handle goes,
 * and there that is the second fsync. So another one stays a moment longer: one that only reads,
 * and therefore never empties it.
 */
export function closeLeavingLog(db: Database): void {
  const last = tryReader(db.name);
  db.close();
  last?.close();
}

/** `undefined` when the disk does not even let us read; then there is nobody to empty the log for. */
function tryReader(file: string): Database | undefined {
  let reader: Database | undefined;
  try {
    reader = new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: 0 });
    // From the first read on it has its share of the lock.
    reader.pragma('user_version');
    return reader;
  } catch {
    reader?.close();
    return undefined;
  }
}

/**
 * A lock that the kernel keeps, and lets go of when its process ends in whatever way.
 *
 * Node has no file locks; SQLite takes them, so an empty database whose exclusive transaction
 * never ends is one. Nothing is ever written to it. It holds between threads, processes and
 * containers that share a file system, none of which need to see each other's process numbers,
 * and there is no stale lock that somebody would have to judge and remove.
 *
 * Callers: queue/lock. Throws what SQLite says when the file cannot be opened.
 */
import SqliteDatabase from 'better-sqlite3';

/** Takes the lock without waiting; the returned function gives it back. `undefined`: somebody has it. */
export function takeFileLock(path: string): (() => void) | undefined {
  const db = new SqliteDatabase(path, { timeout: 0 });
  try {
    // A journal file would be made although nothing is written.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return () => {
    db.close();
  };
}

/**
 * The database handle: opens the file and runs batches, each as one transaction.
 *
 * Group commit happens here: everything that waited when the previous batch ended is one batch,
 * and its answers leave after its commit. With WAL and `synchronous=FULL` the commit is on disk
 * when it returns. A crash before the commit leaves nothing of the batch, a crash after it leaves
 * all of it, answered or not. Batches of greylist and rate counters alone are not synced: they
 * outlive the process, and a loss of power takes back at most the latest of them.
 * After an input/output error the handle is not used again, because a second fsync on the same
 * file may report success for pages that were lost; the reply says `broken` and the owner opens
 * a new handle, which starts with a log of its own.
 *
 * Callers: sqlite/worker (in a thread) and sqlite/channel (in line). Synchronous throughout.
 */
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { messageOf } from '../../core/errors.js';
import type { StepHook } from '../steps.js';
import { HANDLERS } from './operations.js';
import type { Answer, BatchReply, FaultKind, OperationName, Request } from './protocol.js';
import { migrate, refuseLater, requireCurrent } from './schema.js';
import { prepareStatements, type Statements } from './statements.js';

export interface DatabaseOptions {
  readonly file: string;
  /** Largest size of the file in octets; more is ERR_QUEUE_FULL. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** Look at a file that exists and change nothing, beside the process that owns it. Default: false. */
  readonly readOnly?: boolean;
  /** How long to wait for another process, milliseconds. Default 5000. */
  readonly waitMs?: number;
}

export interface BatchDatabase {
  run(batch: readonly Request[]): BatchReply;
  close(): void;
}

const PAGE_BYTES = 4096;
const READING: ReadonlySet<OperationName> = new Set(['list', 'get', 'count', 'bodyFileIds', 'getSetting']);

/**
 * What may be lost with the power, but not with the process: a batch of nothing else is written and
 * not synced, so that checks cost mail no wait for the disk. The next batch of mail syncs it along.
 */
const UNSYNCED: ReadonlySet<OperationName> = new Set(['greylist', 'countRate', 'sweepChecks']);

/** What makes the file larger and gives way when the disk is full. */
const GROWING: ReadonlySet<OperationName> = new Set(['put', 'greylist', 'countRate']);

const WAIT_MS = 5000;

/**
 * What a failed handle left in the log goes into the file before anything new is written: its
 * pages may be lost although they can still be read, and a log is good only up to the first of
 * those. While somebody else reads an old state it cannot be emptied, and then nothing is written.
 */
function emptyLog(db: Database): void {
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  if (result?.busy !== 0) throw new Error('another process keeps the log of the database from being emptied');
}

function setUpWriting(db: Database, { maxBytes }: DatabaseOptions): void {
  refuseLater(db);
  db.pragma(`page_size = ${PAGE_BYTES}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  // Where the system tells a plain fsync from one that empties the drive's cache; nothing elsewhere.
  db.pragma('fullfsync = 1');
  db.pragma('checkpoint_fullfsync = 1');
  migrate(db);
  emptyLog(db);
  if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
}

function openFile(options: DatabaseOptions): Database {
  const { file, readOnly = false, waitMs = WAIT_MS } = options;
  const db = new SqliteDatabase(file, { timeout: waitMs, readonly: readOnly, fileMustExist: readOnly });
  try {
    if (readOnly) requireCurrent(db);
    else setUpWriting(db, options);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function sqliteCode(error: unknown): string {
  return error instanceof SqliteDatabase.SqliteError ? error.code : '';
}

function kindOf(error: unknown): FaultKind {
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL') return 'full';
  return code.startsWith('SQLITE_CONSTRAINT') ? 'exists' : 'failed';
}

function fault(error: unknown): Answer {
  return { status: 'fault', kind: kindOf(error), reason: messageOf(error) };
}

/** Another process holding the lock for too long is no fault of the handle; anything else may be. */
function breaksHandle(error: unknown): boolean {
  return !['SQLITE_FULL', 'SQLITE_BUSY'].includes(sqliteCode(error));
}

/** Runs one request; a taken id fails this request alone, everything else fails the batch. */
function answer<K extends OperationName>(sql: Statements, request: Request<K>): Answer {
  try {
    const result = HANDLERS[request.name](sql, request.arguments, request.blobs);
    return { status: 'ok', value: result.value, blobs: result.blobs ?? [] };
  } catch (error) {
    if (kindOf(error) === 'exists') return fault(error);
    throw error;
  }
}

export function openDatabase(options: DatabaseOptions, steps: StepHook): BatchDatabase {
  const db = openFile(options);
  const sql = prepareStatements(db);
  let syncs = true;

  /** Between transactions only. */
  function syncCommits(wanted: boolean): void {
    if (syncs === wanted) return;
    db.pragma(wanted ? 'synchronous = FULL' : 'synchronous = NORMAL');
    syncs = wanted;
  }

  function transact(batch: readonly Request[]): readonly Answer[] {
    const writing = batch.filter((request) => !READING.has(request.name));
    if (writing.length === 0) return batch.map((request) => answer(sql, request));
    if (options.readOnly !== true) syncCommits(!writing.every((request) => UNSYNCED.has(request.name)));
    db.exec('BEGIN IMMEDIATE');
    try {
      const answers = batch.map((request) => answer(sql, request));
      steps('row.written');
      db.exec('COMMIT');
      steps('row.committed');
      return answers;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  /** With a full disk new mail is refused, but what empties the queue gets its chance. */
  function withoutGrowth(batch: readonly Request[], full: unknown): BatchReply {
    const others = batch.filter((request) => !GROWING.has(request.name));
    const reply: BatchReply =
      others.length === batch.length
        ? { answers: batch.map(() => fault(full)), broken: false }
        : attempt(others);
    const rest = reply.answers.values();
    const answers = batch.map((request) =>
      GROWING.has(request.name) ? fault(full) : (rest.next().value ?? fault(full)),
    );
    return { answers, broken: reply.broken };
  }

  function attempt(batch: readonly Request[]): BatchReply {
    try {
      return { answers: transact(batch), broken: false };
    } catch (error) {
      if (kindOf(error) === 'full') return withoutGrowth(batch, error);
      return { answers: batch.map(() => fault(error)), broken: breaksHandle(error) };
    }
  }

  return {
    run: attempt,
    close: () => {
      db.close();
    },
  };
}

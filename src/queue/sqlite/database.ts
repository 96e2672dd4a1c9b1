/**
 * The database handle: opens the file and runs batches, each as one transaction.
 *
 * Group commit: what waited when the previous batch ended is one batch, answered after its commit,
 * which `synchronous=FULL` has put on disk. A crash before leaves nothing of it, one after all of it.
 * Batches of checks alone are not synced; a loss of power takes back what came after the last fsync.
 *
 * After an input/output error, also in moving the log into the file, the reply says `broken` and the
 * owner opens a new handle: a second fsync on the same file may report success for lost pages.
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
import {
  closeLeavingLog,
  emptyLog,
  openLog,
  sqliteCode,
  takeOverLog,
  type WriteAheadLog,
} from './write-ahead-log.js';

export interface DatabaseOptions {
  readonly file: string;
  /** Largest size of the file in octets; more is ERR_QUEUE_FULL. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** Look at a file that exists and change nothing, beside the process that owns it. Default: false. */
  readonly readOnly?: boolean;
  /** How long to wait for another process, milliseconds. Default 5000. */
  readonly waitMs?: number;
  /**
   * Largest log in pages of 4096 octets: ERR_QUEUE_FULL for mail while a reader, by holding on to
   * an old state, keeps a longer one from beginning anew. Default 262144, which is 1 GiB.
   */
  readonly mostLogPages?: number;
}

export interface BatchDatabase {
  run(batch: readonly Request[]): BatchReply;
  close(): void;
}

const PAGE_BYTES = 4096;
const READING: ReadonlySet<OperationName> = new Set(['list', 'get', 'count', 'bodyFileIds', 'getSetting']);

/**
 * What may be lost with the power, but not with the process: a batch of nothing else is written and
 * not synced, so that checks cost mail no wait for the disk. It is on disk with the next fsync of
 * the log: at a commit of mail that changes anything, or when the log goes into the file.
 */
const UNSYNCED: ReadonlySet<OperationName> = new Set(['greylist', 'countRate', 'sweepChecks']);

/** What makes the file larger and gives way when the disk is full. */
const GROWING: ReadonlySet<OperationName> = new Set(['put', 'greylist', 'countRate']);

const WAIT_MS = 5000;
const MOST_LOG_PAGES = 262_144;

function setUpWriting(db: Database, { maxBytes }: DatabaseOptions): void {
  refuseLater(db);
  takeOverLog(db);
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
    closeLeavingLog(db);
    throw error;
  }
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

const LOG_FULL: Answer = {
  status: 'fault',
  kind: 'full',
  reason: 'the log of the database is full, and somebody who reads keeps it from beginning anew',
};

/** Decides whether commits are synced, between transactions only; they are at first. */
function commitSyncer(db: Database): (wanted: boolean) => void {
  let syncs = true;
  return (wanted) => {
    if (syncs === wanted) return;
    db.pragma(wanted ? 'synchronous = FULL' : 'synchronous = NORMAL');
    syncs = wanted;
  };
}

/**
 * After the commit: mail in the batch is in the log and on disk, whatever happens here, and its
 * answers hold. A crash in between leaves it there for the next start.
 */
function tended(log: WriteAheadLog | undefined, reply: BatchReply): BatchReply {
  try {
    log?.tend();
    return reply;
  } catch (error) {
    return { ...reply, broken: true, reason: messageOf(error) };
  }
}

export function openDatabase(options: DatabaseOptions, steps: StepHook): BatchDatabase {
  const { readOnly = false, waitMs = WAIT_MS, mostLogPages = MOST_LOG_PAGES } = options;
  const db = openFile(options);
  const sql = prepareStatements(db);
  const log = readOnly ? undefined : openLog(db, mostLogPages, waitMs);
  const syncCommits = commitSyncer(db);
  let broken = false;

  function transact(batch: readonly Request[]): readonly Answer[] {
    const writing = batch.filter((request) => !READING.has(request.name));
    if (writing.length === 0) return batch.map((request) => answer(sql, request));
    if (!readOnly) syncCommits(!writing.every((request) => UNSYNCED.has(request.name)));
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

  /** Where there is no room new mail is refused, but what empties the queue gets its chance. */
  function withoutGrowth(batch: readonly Request[], full: Answer): BatchReply {
    const others = batch.filter((request) => !GROWING.has(request.name));
    const reply: BatchReply =
      others.length === batch.length ? { answers: batch.map(() => full), broken: false } : attempt(others);
    const rest = reply.answers.values();
    const answers = batch.map((request) => (GROWING.has(request.name) ? full : (rest.next().value ?? full)));
    return { ...reply, answers };
  }

  function attempt(batch: readonly Request[]): BatchReply {
    try {
      const grows = batch.some((request) => GROWING.has(request.name));
      if (grows && log?.hasRoom() === false) return withoutGrowth(batch, LOG_FULL);
      return { answers: transact(batch), broken: false };
    } catch (error) {
      if (kindOf(error) === 'full') return withoutGrowth(batch, fault(error));
      return { answers: batch.map(() => fault(error)), broken: breaksHandle(error) };
    }
  }

  return {
    run(batch) {
      const reply = attempt(batch);
      const wrote = !reply.broken && batch.some((request) => !READING.has(request.name));
      const last = wrote ? tended(log, reply) : reply;
      broken ||= last.broken;
      return last;
    },
    close() {
      // SQLite empties the log here. When that fails it keeps the log, and nobody tries again before
      // the next start, which reads it anew.
      if (broken) closeLeavingLog(db);
      else db.close();
    },
  };
}

/**
 * The SQL of the embedded queue, prepared once for each database handle.
 *
 * Callers: sqlite/operations. States are the numbers of STATE_NUMBERS: 0 waiting, 1 in flight,
 * 2 parked, 3 held.
 */
import type { Database, Statement } from 'better-sqlite3';
import { CHECK_SQL, type CheckStatementName } from './check-statements.js';

const COLUMNS =
  'e.seq, e.id, e.state, e.held, e.due, e.fence, e.crashes, e.sender, e.received, e.size, ' +
  'e.body_in_file AS inFile, e.reason, e.recipients';

/** A row of `entries` as SQLite gives it. */
export interface StoredRow {
  readonly seq: number;
  readonly id: string;
  readonly state: number;
  readonly held: number;
  readonly due: number;
  readonly fence: number;
  readonly crashes: number;
  readonly sender: string;
  readonly received: number;
  readonly size: number;
  readonly inFile: number;
  readonly reason: string;
  readonly recipients: Uint8Array;
}

export interface StoredContent {
  readonly record: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array | null;
}

export type StatementName =
  | 'insertEntry'
  | 'insertContent'
  | 'dueWaiting'
  | 'dueLeased'
  | 'lease'
  | 'endHeldLeases'
  | 'nextWaiting'
  | 'nextLeased'
  | 'content'
  | 'leasedSeq'
  | 'deleteEntry'
  | 'deleteContent'
  | 'settleRetry'
  | 'settlePark'
  | 'release'
  | 'byId'
  | 'list'
  | 'count'
  | 'hold'
  | 'unhold'
  | 'park'
  | 'reschedule'
  | 'bodyFileIds'
  | 'deadLeases'
  | 'endLease'
  | 'getSetting'
  | 'setSetting'
  | CheckStatementName;

const SQL: Readonly<Record<StatementName, string>> = {
  insertEntry:
    'INSERT INTO entries (id, state, held, due, owner, fence, crashes, sender, received, size, body_in_file, reason, recipients) ' +
    "VALUES (?, ?, ?, ?, '', 0, 0, ?, ?, ?, ?, '', ?)",
  insertContent: 'INSERT INTO content (seq, record, header, body) VALUES (?, ?, ?, ?)',
  dueWaiting: `SELECT ${COLUMNS} FROM entries e WHERE state = 0 AND due <= ? ORDER BY due LIMIT ?`,
  dueLeased: `SELECT ${COLUMNS} FROM entries e WHERE state = 1 AND due <= ? AND held = 0 ORDER BY due LIMIT ?`,
  lease: 'UPDATE entries SET state = 1, owner = ?, due = ?, fence = fence + 1 WHERE seq = ?',
  endHeldLeases: "UPDATE entries SET state = 3, owner = '' WHERE state = 1 AND due <= ? AND held = 1",
  nextWaiting: 'SELECT min(due) FROM entries WHERE state = 0',
  nextLeased: 'SELECT min(due) FROM entries WHERE state = 1 AND held = 0',
  content: 'SELECT record, header, body FROM content WHERE seq = ?',
  leasedSeq: 'SELECT seq FROM entries WHERE id = ? AND owner = ? AND fence = ?',
  deleteEntry: 'DELETE FROM entries WHERE seq = ?',
  deleteContent: 'DELETE FROM content WHERE seq = ?',
  settleRetry:
    "UPDATE entries SET state = CASE held WHEN 0 THEN 0 ELSE 3 END, owner = '', due = ?, crashes = 0, recipients = ? WHERE seq = ?",
  settlePark: "UPDATE entries SET state = 2, owner = '', due = ?, reason = ?, recipients = ? WHERE seq = ?",
  release:
    "UPDATE entries SET state = CASE held WHEN 0 THEN 0 ELSE 3 END, owner = '', due = ? WHERE id = ? AND owner = ? AND fence = ?",
  byId: `SELECT ${COLUMNS} FROM entries e WHERE id = ?`,
  list:
    `SELECT ${COLUMNS} FROM entries e WHERE id > @after AND (@state IS NULL OR state = @state) ` +
    'AND (@sender IS NULL OR sender = @sender) ORDER BY id LIMIT @limit',
  count: 'SELECT state, count(*) AS n FROM entries GROUP BY state',
  hold: 'UPDATE entries SET held = 1, state = CASE state WHEN 0 THEN 3 ELSE state END WHERE id = ? AND held = 0',
  unhold:
    'UPDATE entries SET held = 0, state = CASE state WHEN 3 THEN 0 ELSE state END WHERE id = ? AND held = 1',
  // A parked entry keeps no owner, so that a late result of the attempt is refused.
  park: "UPDATE entries SET state = 2, owner = '', due = ?, reason = ? WHERE id = ? AND state <> 2",
  reschedule:
    "UPDATE entries SET state = CASE held WHEN 0 THEN 0 ELSE 3 END, due = ?, recipients = ?, reason = '', crashes = 0 " +
    'WHERE id = ? AND fence = ? AND state <> 1',
  bodyFileIds: 'SELECT id FROM entries WHERE id > ? AND body_in_file = 1 ORDER BY id LIMIT ?',
  deadLeases: 'SELECT seq, id, crashes, held FROM entries WHERE state = 1 AND owner <> ?',
  endLease:
    "UPDATE entries SET state = ?, owner = '', due = ?, crashes = crashes + 1, reason = ? WHERE seq = ?",
  getSetting: 'SELECT value, version FROM settings WHERE key = ?',
  setSetting:
    'INSERT INTO settings (key, value, version) VALUES (?, ?, ?) ' +
    'ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version',
  ...CHECK_SQL,
};

export type Statements = Readonly<Record<StatementName, Statement<unknown[], unknown>>>;

export function prepareStatements(db: Database): Statements {
  const entries = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)] as const);
  return Object.fromEntries(entries) as unknown as Statements;
}

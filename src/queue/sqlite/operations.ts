/**
 * What each operation does to the tables. Runs inside the transaction of its batch.
 *
 * Every function either does its whole work or throws before it has changed anything, except for
 * a failing disk, for which the caller rolls the whole batch back.
 *
 * Callers: sqlite/database.
 */
import { createCrashJudge } from '../crashes.js';
import type { JsonValue } from '../entry.js';
import type { EntryState } from '../store.js';
import { countRate, greylist, sweepChecks } from './check-operations.js';
import type { Handler } from './handler.js';
import { NO_BLOB, type OperationName, type Row, type SettleArguments } from './protocol.js';
import { STATE_NUMBERS } from './schema.js';
import type { Statements, StoredContent, StoredRow } from './statements.js';

type Handlers = { readonly [K in OperationName]: Handler<K> };

const STATE_NAMES: readonly EntryState[] = ['waiting', 'in-flight', 'parked', 'held'];
const MOST_LISTED = 1000;
const DEFAULT_LISTED = 100;

function toRow(stored: StoredRow): Row {
  return {
    queueId: stored.id,
    state: STATE_NAMES[stored.state] ?? 'parked',
    held: stored.held === 1,
    sender: stored.sender,
    receivedAt: stored.received,
    size: stored.size,
    due: stored.due,
    fence: stored.fence,
    crashes: stored.crashes,
    reason: stored.reason,
    bodyInFile: stored.inFile === 1,
  };
}

function contentBlobs(sql: Statements, stored: StoredRow): readonly Uint8Array[] {
  const content = sql.content.get(stored.seq) as StoredContent | undefined;
  return [
    stored.recipients,
    content?.record ?? NO_BLOB,
    content?.header ?? NO_BLOB,
    content?.body ?? NO_BLOB,
  ];
}

function settleOne(sql: Statements, item: SettleArguments, recipients: Uint8Array): boolean {
  const found = sql.leasedSeq.get(item.queueId, item.owner, item.fence) as { seq: number } | undefined;
  if (!found) return false;
  switch (item.kind) {
    case 'done':
      removeSeq(sql, found.seq);
      break;
    case 'retry':
      sql.settleRetry.run(item.due, recipients, found.seq);
      break;
    case 'park':
      sql.settlePark.run(item.due, item.reason, recipients, found.seq);
      break;
  }
  return true;
}

function removeSeq(sql: Statements, seq: number): void {
  sql.deleteEntry.run(seq);
  sql.deleteContent.run(seq);
}

function nextDue(sql: Statements): number | null {
  const waiting = sql.nextWaiting.pluck().get() as number | null;
  const leased = sql.nextLeased.pluck().get() as number | null;
  if (waiting === null || leased === null) return waiting ?? leased;
  return Math.min(waiting, leased);
}

const claim: Handlers['claim'] = (sql, args) => {
  // Whoever held them while an attempt ran waits no longer for its end; see below.
  sql.endHeldLeases.run(args.now);
  const waiting = sql.dueWaiting.all(args.now, args.limit) as StoredRow[];
  const left = args.limit - waiting.length;
  // A lease that has run out belongs to nobody: its owner hangs or has gone.
  const expired = left > 0 ? (sql.dueLeased.all(args.now, left) as StoredRow[]) : [];
  const taken = [...waiting, ...expired];
  const blobs: Uint8Array[] = [];
  const rows = taken.map((stored) => {
    sql.lease.run(args.owner, args.until, stored.seq);
    blobs.push(...contentBlobs(sql, stored));
    return { ...toRow(stored), state: 'in-flight' as const, due: args.until, fence: stored.fence + 1 };
  });
  return { value: { rows, nextDue: nextDue(sql) }, blobs };
};

const recoverLeases: Handlers['recoverLeases'] = (sql, args) => {
  const dead = sql.deadLeases.all(args.owner) as {
    seq: number;
    id: string;
    crashes: number;
    held: number;
  }[];
  const judge = createCrashJudge(args.now);
  const parked: string[] = [];
  for (const entry of dead) {
    const after = judge(entry.crashes + 1);
    if (after.parked) parked.push(entry.id);
    const open = entry.held === 1 ? STATE_NUMBERS.held : STATE_NUMBERS.waiting;
    sql.endLease.run(after.parked ? STATE_NUMBERS.parked : open, after.at, after.reason, entry.seq);
  }
  return { value: { released: dead.length - parked.length, parked } };
};

const setSetting: Handlers['setSetting'] = (sql, args) => {
  const stored = sql.getSetting.get(args.key) as { version: number } | undefined;
  const version = stored?.version ?? 0;
  if (args.expected !== null && args.expected !== version) return { value: { status: 'conflict', version } };
  sql.setSetting.run(args.key, JSON.stringify(args.value), version + 1);
  return { value: { status: 'stored', version: version + 1 } };
};

export const HANDLERS: Handlers = {
  put(sql, args, blobs) {
    const state = args.held ? STATE_NUMBERS.held : STATE_NUMBERS.waiting;
    const held = args.held ? 1 : 0;
    const inFile = args.bodyInFile ? 1 : 0;
    const { queueId, due, sender, receivedAt, size } = args;
    const [recipients, record, header, body] = blobs;
    const { lastInsertRowid } = sql.insertEntry.run(
      queueId,
      state,
      held,
      due,
      sender,
      receivedAt,
      size,
      inFile,
      recipients,
    );
    sql.insertContent.run(lastInsertRowid, record, header, args.bodyInFile ? null : body);
    return { value: null };
  },
  claim,
  settle: (sql, args, blobs) => ({
    value: args.map((item, index) => settleOne(sql, item, blobs[index] ?? NO_BLOB)),
  }),
  release(sql, args) {
    for (const lease of args.leases) sql.release.run(args.due, lease.queueId, lease.owner, lease.fence);
    return { value: null };
  },
  list(sql, query) {
    const stored = sql.list.all({
      after: query.after ?? '',
      state: query.state === undefined ? null : STATE_NUMBERS[query.state],
      sender: query.sender ?? null,
      limit: Math.min(query.limit ?? DEFAULT_LISTED, MOST_LISTED),
    }) as StoredRow[];
    return { value: stored.map(toRow), blobs: stored.map((row) => row.recipients) };
  },
  get(sql, queueId) {
    const stored = sql.byId.get(queueId) as StoredRow | undefined;
    return stored ? { value: toRow(stored), blobs: contentBlobs(sql, stored) } : { value: null };
  },
  count(sql) {
    const counts: Record<EntryState, number> = { waiting: 0, 'in-flight': 0, parked: 0, held: 0 };
    for (const { state, n } of sql.count.all() as { state: number; n: number }[]) {
      counts[STATE_NAMES[state] ?? 'parked'] += n;
    }
    return { value: counts };
  },
  hold(sql, args) {
    const statement = args.held ? sql.hold : sql.unhold;
    return { value: args.queueIds.reduce((sum, id) => sum + statement.run(id).changes, 0) };
  },
  remove(sql, queueIds) {
    const removed = queueIds.filter((id) => {
      const stored = sql.byId.get(id) as StoredRow | undefined;
      if (stored) removeSeq(sql, stored.seq);
      return stored !== undefined;
    });
    return { value: removed };
  },
  park: (sql, args) => ({ value: sql.park.run(args.at, args.reason, args.queueId).changes > 0 }),
  reschedule: (sql, args, blobs) => ({
    value: sql.reschedule.run(args.due, blobs[0], args.queueId, args.fence).changes > 0,
  }),
  bodyFileIds: (sql, args) => ({ value: sql.bodyFileIds.pluck().all(args.after, args.limit) as string[] }),
  recoverLeases,
  getSetting(sql, key) {
    const stored = sql.getSetting.get(key) as { value: string; version: number } | undefined;
    if (!stored) return { value: null };
    return { value: { value: JSON.parse(stored.value) as JsonValue, version: stored.version } };
  },
  setSetting,
  greylist,
  countRate,
  sweepChecks,
};

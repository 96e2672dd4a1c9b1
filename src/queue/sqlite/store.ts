/**
 * The Store port on SQLite: turns entries into rows and rows into entries.
 *
 * Encoding, checksums and decoding run on the caller's thread; the other side of the channel only
 * moves octets. Every entry that leaves here has been checked: an altered or torn one comes out
 * as damaged, never as mail.
 *
 * Callers: queue/queue through `createSqliteStore`.
 */
import { memoryBody, type MessageBody } from '../../message/body.js';
import { dueAt, type QueueEntry, type RecipientState } from '../entry.js';
import {
  contentCrc,
  decodeRecipients,
  decodeRecord,
  encodeRecipients,
  encodeRecord,
  type EntryRecord,
} from '../record.js';
import type {
  ClaimedEntry,
  ClaimResult,
  DamagedEntry,
  EntrySummary,
  GetResult,
  Settlement,
  Store,
} from '../store.js';
import { createBatcher, type Batcher, type BatcherOptions, type Reply } from './batcher.js';
import { NO_BLOB, type OperationName, type Operations, type PutArguments, type Row } from './protocol.js';

export interface SqliteStoreOptions extends BatcherOptions {
  /** Gives the body of an entry whose octets lie in a spool file. */
  readonly openBodyFile: (queueId: string, size: number, crc: number) => MessageBody;
  /** Default: CHECK_BOUNDS. */
  readonly bounds?: CheckBounds;
}

/** Most rows that the checks may keep. */
export interface CheckBounds {
  readonly triplets: number;
  readonly networks: number;
  readonly rates: number;
}

/**
 * Some 150 MB when all are full, which takes somebody who means it. A site that greylists in
 * earnest has a hundredth of it: what comes again confirms its network, and is no row of its own.
 */
const CHECK_BOUNDS: CheckBounds = { triplets: 500_000, networks: 100_000, rates: 100_000 };

type ReadEntry =
  | { readonly status: 'ok'; readonly entry: QueueEntry }
  | { readonly status: 'damaged'; readonly reason: string };

/** Octets that lie in the batch's buffer, as a Buffer without a copy. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function putArguments(entry: QueueEntry): PutArguments {
  return {
    queueId: entry.queueId,
    held: entry.hold,
    sender: entry.sender,
    receivedAt: entry.receivedAt,
    size: entry.size,
    due: Math.max(dueAt(entry.recipients, entry.notBefore) ?? 0, entry.receivedAt),
    bodyInFile: entry.body.place === 'file',
  };
}

function putBlobs(entry: QueueEntry): readonly Uint8Array[] {
  const fixed = [encodeRecipients(entry.recipients), encodeRecord(entry), entry.header];
  return entry.body.place === 'file' ? fixed : [...fixed, entry.body.bytes];
}

function summary(row: Row, recipients: Uint8Array): EntrySummary {
  const decoded = decodeRecipients(recipients);
  return {
    queueId: row.queueId,
    state: row.state,
    sender: row.sender,
    receivedAt: row.receivedAt,
    size: row.size,
    recipients: decoded.status === 'ok' ? decoded.value : undefined,
    at: row.due,
    reason: row.reason,
    fence: row.fence,
    crashes: row.crashes,
    bodyInFile: row.bodyInFile,
  };
}

/** What contradicts the record, if anything does. */
function contradiction(
  row: Row,
  record: EntryRecord,
  header: Uint8Array,
  body: Uint8Array,
): string | undefined {
  if (record.queueId !== row.queueId) return `the record belongs to ${record.queueId}`;
  if (row.bodyInFile !== (record.fileCrc !== null)) return 'row and record disagree on where the body is';
  if (contentCrc(header, row.bodyInFile ? undefined : body) !== record.contentCrc)
    return 'content checksum differs';
  return undefined;
}

function settleArguments({ lease, outcome }: Settlement): Operations['settle']['arguments'][number] {
  const { queueId, owner, fence } = lease;
  switch (outcome.kind) {
    case 'done':
      return { queueId, owner, fence, kind: 'done', due: 0, reason: '' };
    case 'retry':
      return { queueId, owner, fence, kind: 'retry', due: outcome.due, reason: '' };
    case 'park':
      return { queueId, owner, fence, kind: 'park', due: outcome.at, reason: outcome.reason };
  }
}

function settleBlob({ outcome }: Settlement): Uint8Array {
  return outcome.kind === 'done' ? NO_BLOB : encodeRecipients(outcome.recipients);
}

/** Builds readers of rows around the one thing they need from outside, the spool. */
function entryReader(openBodyFile: SqliteStoreOptions['openBodyFile']) {
  return (row: Row, blobs: readonly Uint8Array[]): ReadEntry => {
    const [recipientBytes = NO_BLOB, recordBytes = NO_BLOB, header = NO_BLOB, body = NO_BLOB] = blobs;
    const recipients = decodeRecipients(recipientBytes);
    if (recipients.status === 'damaged')
      return { status: 'damaged', reason: `recipients: ${recipients.reason}` };
    const decoded = decodeRecord(recordBytes);
    if (decoded.status === 'damaged') return { status: 'damaged', reason: `record: ${decoded.reason}` };
    const record = decoded.value;
    const reason = contradiction(row, record, header, body);
    if (reason !== undefined) return { status: 'damaged', reason };
    return { status: 'ok', entry: assemble(record, recipients.value, header, body) };
  };

  function assemble(
    record: EntryRecord,
    recipients: readonly RecipientState[],
    header: Uint8Array,
    body: Uint8Array,
  ): QueueEntry {
    const { queueId, sessionId, receivedAt, sender, envelope, messageState, notBefore, size } = record;
    return {
      queueId,
      sessionId,
      receivedAt,
      sender,
      recipients,
      envelope,
      messageState,
      notBefore,
      size,
      // The hold flag of a claimed or shown entry is its state; see EntrySummary.
      hold: false,
      header: view(header),
      body:
        record.fileCrc === null
          ? memoryBody(view(body))
          : openBodyFile(queueId, record.bodySize, record.fileCrc),
    };
  }
}

const BLOBS_PER_ENTRY = 4;

type ReadRow = (row: Row, blobs: readonly Uint8Array[]) => ReadEntry;

function toClaimResult(reply: Reply<'claim'>, owner: string, read: ReadRow): ClaimResult {
  const claimed: ClaimedEntry[] = [];
  const damaged: DamagedEntry[] = [];
  reply.value.rows.forEach((row, index) => {
    const { queueId, fence } = row;
    const at = index * BLOBS_PER_ENTRY;
    const result = read(row, reply.blobs.slice(at, at + BLOBS_PER_ENTRY));
    if (result.status === 'ok') claimed.push({ entry: result.entry, lease: { queueId, owner, fence } });
    else damaged.push({ queueId, reason: result.reason });
  });
  return { claimed, damaged, nextDue: reply.value.nextDue ?? undefined };
}

function toGetResult({ value: row, blobs }: Reply<'get'>, read: ReadRow): GetResult {
  if (row === null) return { status: 'none' };
  const shown = summary(row, blobs[0] ?? NO_BLOB);
  const result = read(row, blobs);
  if (result.status === 'damaged') return { ...result, summary: shown };
  return { status: 'found', entry: { ...result.entry, hold: row.held }, summary: shown };
}

export function createSqliteStore(options: SqliteStoreOptions): Store {
  const batcher: Batcher = createBatcher(options);
  const { bounds = CHECK_BOUNDS } = options;
  const read: ReadRow = entryReader(options.openBodyFile);

  function ask<K extends OperationName>(
    name: K,
    args: Operations[K]['arguments'],
    blobs: readonly Uint8Array[] = [],
  ): Promise<Reply<K>> {
    return batcher.submit({ name, arguments: args, blobs });
  }

  return {
    claim: async ({ now, limit, owner, leaseMs }) =>
      toClaimResult(await ask('claim', { now, limit, owner, until: now + leaseMs }), owner, read),
    get: async (queueId) => toGetResult(await ask('get', queueId), read),
    async put(entry) {
      await ask('put', putArguments(entry), putBlobs(entry));
    },
    async settle(settlements) {
      const reply = await ask('settle', settlements.map(settleArguments), settlements.map(settleBlob));
      return reply.value.map((settled) => (settled ? 'settled' : 'lost'));
    },
    async release(leases, due) {
      await ask('release', { leases, due });
    },
    async list(query) {
      const { value, blobs } = await ask('list', query);
      return value.map((row, index) => summary(row, blobs[index] ?? NO_BLOB));
    },
    count: async () => (await ask('count', null)).value,
    hold: async (queueIds, held) => (await ask('hold', { queueIds, held })).value,
    remove: async (queueIds) => (await ask('remove', queueIds)).value,
    park: async (queueId, reason, at) => (await ask('park', { queueId, reason, at })).value,
    async reschedule({ queueId, fence, due, recipients }) {
      return (await ask('reschedule', { queueId, fence, due }, [encodeRecipients(recipients)])).value;
    },
    bodyFileIds: async (after, limit) => (await ask('bodyFileIds', { after, limit })).value,
    recoverLeases: async (owner, now) => (await ask('recoverLeases', { owner, now })).value,
    getSetting: async (key) => (await ask('getSetting', key)).value ?? undefined,
    async setSetting(key, value, expected) {
      return (await ask('setSetting', { key, value, expected: expected ?? null })).value;
    },
    async greylist(question) {
      const { triplets, networks } = bounds;
      const asked = { question, mostTriplets: triplets, mostNetworks: networks };
      return (await ask('greylist', asked)).value;
    },
    countRate: async (question) => (await ask('countRate', { question, mostRates: bounds.rates })).value,
    sweepChecks: async (now, limit) => (await ask('sweepChecks', { now, limit })).value,
    close: () => batcher.close(),
  };
}

/**
 * The queue as the engine, the delivery and the operator see it.
 *
 * `accept` resolves when the message is on disk; from then on it is ours, and it stays in exactly
 * one state (waiting, in flight, held, parked) until every recipient has been delivered or the
 * operator removes it. Refusals are QueueErrors: ERR_QUEUE_FULL (answer 452), ERR_QUEUE_WRITE and
 * ERR_QUEUE_CLOSED (answer 451); nothing was promised then, though a message whose commit was in
 * doubt may still be delivered.
 *
 * Callers: engine, delivery, admin, app. Nothing outside this folder touches the store itself.
 */
import type { Clock } from '../core/clock.js';
import { InvariantError, isEngineError, messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { MessageBody } from '../message/body.js';
import type { Bodies, BodyBuilder } from './bodies.js';
import { checkQueue, type QueueCheck } from './check.js';
import {
  type JsonObject,
  type JsonValue,
  isQueueId,
  isWaiting,
  type QueueEntry,
  type RecipientState,
} from './entry.js';
import type { GreylistFinding, GreylistQuestion } from './greylist.js';
import type { RateFinding, RateQuestion } from './rate-window.js';
import type {
  ClaimedEntry,
  ClaimResult,
  EntryCounts,
  EntrySummary,
  GetResult,
  ListQuery,
  Outcome,
  Setting,
  SettingWrite,
  SettleStatus,
  Store,
} from './store.js';

/** A message the engine wants stored. */
export interface NewMessage {
  readonly queueId: string;
  readonly sessionId: string;
  /** Reverse path without angle brackets; empty for the null path. */
  readonly sender: string;
  /** At least one; see `newRecipient`. */
  readonly recipients: readonly RecipientState[];
  /** CRLF line ends, ending with the blank line. */
  readonly header: Buffer;
  /** What `createBody(queueId).finish()` gave, or a body in memory. */
  readonly body: MessageBody;
  /** Default: now. */
  readonly receivedAt?: number;
  readonly envelope?: JsonObject;
  readonly messageState?: JsonObject;
  /** No delivery before this time. Default: at once. */
  readonly notBefore?: number;
  /** Store without delivering. Default: false. */
  readonly hold?: boolean;
}

export interface Queue {
  /** Starts the body of a message; small ones stay in memory, large ones go to the spool. */
  createBody(queueId: string): BodyBuilder;
  /** Stores a message durably. After a refusal its body is gone. */
  accept(message: NewMessage): Promise<void>;
  /** Calls `hear` after each accepted or released message; the returned function ends that. */
  onWork(hear: () => void): () => void;

  /** Leases up to `limit` due entries for `leaseMs`. Damaged ones are parked on the way. */
  claim(limit: number, leaseMs: number): Promise<Pick<ClaimResult, 'claimed' | 'nextDue'>>;
  /** Says what became of a claimed entry; `lost` when the lease had ended, then nothing changes. */
  settle(claimed: ClaimedEntry, outcome: Outcome): Promise<SettleStatus>;
  /** Gives a claimed entry back untouched. */
  release(claimed: ClaimedEntry): Promise<void>;

  /** Shows entries, without their content. */
  list(query?: ListQuery): Promise<readonly EntrySummary[]>;
  get(queueId: string): Promise<GetResult>;
  count(): Promise<EntryCounts>;
  /** Keeps entries from being delivered; answers how many changed. */
  hold(queueIds: readonly string[]): Promise<number>;
  unhold(queueIds: readonly string[]): Promise<number>;
  /** Removes entries with their bodies; answers the ids that were there. */
  remove(queueIds: readonly string[]): Promise<readonly string[]>;
  /** Sets an entry aside and says so as `queue.trouble`; `false` when it is not there. */
  park(queueId: string, reason: string): Promise<boolean>;
  /** Tries an entry again now, failed recipients of a parked one included. */
  retry(queueId: string): Promise<boolean>;
  check(): Promise<QueueCheck>;

  getSetting(key: string): Promise<Setting | undefined>;
  /** With `expected`, writes only over that version (0: only when there is none). */
  setSetting(key: string, value: JsonValue, expected?: number): Promise<SettingWrite>;

  /** Judges one attempt of a triplet and remembers it; see Store. */
  greylist(question: GreylistQuestion): Promise<GreylistFinding>;
  /** Counts within a sliding window, or refuses to; see Store. */
  countRate(question: RateQuestion): Promise<RateFinding>;

  /** Answers what was asked before, then lets the directory go. Later calls are ERR_QUEUE_CLOSED. */
  close(): Promise<void>;
}

export interface QueueDependencies {
  readonly store: Store;
  readonly bodies: Bodies;
  readonly clock: Clock;
  readonly facts: FactBus;
  /** Names this process in leases. */
  readonly owner: string;
  /** Ends the removal of expired rows, in the process that does it. */
  readonly stopSweep: (() => void) | undefined;
  /** Lets go of the directory after the store has been closed. */
  readonly unlock: () => Promise<void>;
}

function toEntry(message: NewMessage, now: number): QueueEntry {
  return {
    queueId: message.queueId,
    sessionId: message.sessionId,
    receivedAt: message.receivedAt ?? now,
    sender: message.sender,
    recipients: message.recipients,
    envelope: message.envelope ?? {},
    header: message.header,
    body: message.body,
    size: message.header.length + message.body.size,
    messageState: message.messageState ?? {},
    notBefore: message.notBefore ?? 0,
    hold: message.hold ?? false,
  };
}

/** Makes every recipient that was not delivered wait again, as if nobody had tried. */
function revived(recipients: readonly RecipientState[]): readonly RecipientState[] {
  return recipients.map((recipient) => {
    if (recipient.state === 'delivered') return recipient;
    const attempts = recipient.state === 'failed' ? 0 : recipient.attempts;
    return { ...recipient, state: 'queued', attempts, nextAttemptAt: 0 };
  });
}

/** Removes a body file that no row needs; one that stays is swept at the next start. */
async function dropBody({ bodies, facts }: QueueDependencies, queueId: string): Promise<void> {
  try {
    await bodies.remove(queueId);
  } catch (error) {
    facts.publish('queue.trouble', {
      code: 'ERR_QUEUE_WRITE',
      message: `the body file of ${queueId} could not be removed: ${messageOf(error)}`,
    });
  }
}

/** What the operator does to single entries. */
function createControls(deps: QueueDependencies, wake: () => void) {
  const { store, clock, facts } = deps;
  return {
    hold: (queueIds: readonly string[]) => store.hold(queueIds, true),
    async unhold(queueIds: readonly string[]) {
      const changed = await store.hold(queueIds, false);
      if (changed > 0) wake();
      return changed;
    },
    async remove(queueIds: readonly string[]) {
      const removed = await store.remove(queueIds);
      for (const queueId of removed) await dropBody(deps, queueId);
      return removed;
    },
    async park(queueId: string, reason: string) {
      const parked = await store.park(queueId, reason, clock.now());
      if (parked) {
        facts.publish('queue.trouble', {
          code: 'ERR_QUEUE_CORRUPT',
          message: `${queueId} set aside: ${reason}`,
        });
      }
      return parked;
    },
    async retry(queueId: string) {
      const found = await store.get(queueId);
      if (found.status !== 'found') return false;
      const recipients = revived(found.entry.recipients);
      if (!recipients.some(isWaiting)) return false;
      const { fence } = found.summary;
      const done = await store.reschedule({ queueId, fence, due: clock.now(), recipients });
      if (done) wake();
      return done;
    },
  };
}

/** What the engine does: store, and tell whoever delivers. */
function createAccept(deps: QueueDependencies, wake: () => void): Queue['accept'] {
  const { store, clock } = deps;
  return async (message) => {
    if (!isQueueId(message.queueId) || !message.recipients.some(isWaiting)) {
      const reason = `a message needs an id of ours and a recipient that waits (${message.queueId})`;
      throw new InvariantError('ERR_INVARIANT', { detail: { reason } });
    }
    try {
      // A body in a file is on disk with its name before the row that refers to it.
      await store.put(toEntry(message, clock.now()));
    } catch (error) {
      // When it is unknown whether the row is on disk, its file stays: a row without a file would be
      // damaged, a file without a row is swept at the next start.
      const refused = isEngineError(error) && error.detail['stored'] === 'no';
      if (refused && message.body.place === 'file') await dropBody(deps, message.queueId);
      throw error;
    }
    // On disk: from here on the message is ours.
    wake();
  };
}

/** What the delivery does with entries. */
function createWork(deps: QueueDependencies): Pick<Queue, 'claim' | 'settle' | 'release'> {
  const { store, clock, facts, owner } = deps;
  return {
    async claim(limit, leaseMs) {
      const { claimed, damaged, nextDue } = await store.claim({ now: clock.now(), limit, owner, leaseMs });
      for (const { queueId, reason } of damaged) {
        await store.park(queueId, reason, clock.now());
        facts.publish('queue.trouble', {
          code: 'ERR_QUEUE_CORRUPT',
          message: `${queueId} set aside: ${reason}`,
        });
      }
      return { claimed, nextDue };
    },
    async settle({ entry, lease }, outcome) {
      const [status = 'lost'] = await store.settle([{ lease, outcome }]);
      if (status === 'settled' && outcome.kind === 'done' && entry.body.place === 'file') {
        // The row is gone and nothing refers to the file any more.
        await dropBody(deps, entry.queueId);
      }
      return status;
    },
    release: ({ lease }) => store.release([lease], clock.now()),
  };
}

/** Puts the parts together; `open.ts` makes them. */
export function createQueue(deps: QueueDependencies): Queue {
  const { store, bodies, clock } = deps;
  const hearers = new Set<() => void>();
  const wake = (): void => {
    for (const hear of hearers) hear();
  };
  return {
    createBody: (queueId) => bodies.createBody(queueId),
    accept: createAccept(deps, wake),
    onWork(hear) {
      hearers.add(hear);
      return () => {
        hearers.delete(hear);
      };
    },
    ...createWork(deps),
    ...createControls(deps, wake),
    list: (query = {}) => store.list(query),
    get: (queueId) => store.get(queueId),
    count: () => store.count(),
    check: async () => checkQueue(store, await bodies.published(), clock.now()),
    getSetting: (key) => store.getSetting(key),
    setSetting: (key, value, expected) => store.setSetting(key, value, expected),
    greylist: (question) => store.greylist(question),
    countRate: (question) => store.countRate(question),
    async close() {
      deps.stopSweep?.();
      await store.close();
      await deps.unlock();
    },
  };
}

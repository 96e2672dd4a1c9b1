/**
 * The Store port: where entries, leases and settings are kept.
 *
 * What must hold in every implementation, and is tested by one set of contract tests:
 * `put` answers after the commit is on disk; an entry is claimed by one owner at a time and by
 * another only after the lease has ended; results count only under the lease they were made
 * under (owner and fence); methods that read never write. A failed write is a QueueError with
 * ERR_QUEUE_FULL (no room) or ERR_QUEUE_WRITE (anything else); calls after `close` are refused
 * with ERR_QUEUE_CLOSED.
 *
 * Callers: queue/queue and queue/recover only; everybody else talks to the Queue.
 */
import type { JsonValue, QueueEntry, RecipientState } from './entry.js';
import type { GreylistFinding, GreylistQuestion } from './greylist.js';
import type { RateFinding, RateQuestion } from './rate-window.js';

/** Proof that an entry is ours for the time being. */
export interface Lease {
  readonly queueId: string;
  readonly owner: string;
  /** Goes up with each claim; a result with an older fence is refused. */
  readonly fence: number;
}

export interface ClaimRequest {
  readonly now: number;
  /** At most this many entries. */
  readonly limit: number;
  readonly owner: string;
  /** The lease ends by itself this long after `now`. */
  readonly leaseMs: number;
}

export interface ClaimedEntry {
  readonly entry: QueueEntry;
  readonly lease: Lease;
}

/** An entry whose stored form cannot be trusted; it is still where it was. */
export interface DamagedEntry {
  readonly queueId: string;
  readonly reason: string;
}

export interface ClaimResult {
  readonly claimed: readonly ClaimedEntry[];
  /** Claimed, but unreadable; the queue parks them. */
  readonly damaged: readonly DamagedEntry[];
  /** When the next entry becomes due or a lease ends; `undefined` when nothing waits. */
  readonly nextDue: number | undefined;
}

/** What is to become of a claimed entry. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly due: number; readonly recipients: readonly RecipientState[] }
  | {
      readonly kind: 'park';
      readonly at: number;
      readonly reason: string;
      readonly recipients: readonly RecipientState[];
    };

export interface Settlement {
  readonly lease: Lease;
  readonly outcome: Outcome;
}

/** `lost`: the lease was no longer ours, nothing was changed. */
export type SettleStatus = 'settled' | 'lost';

/** Each entry is in exactly one of these. */
export type EntryState = 'waiting' | 'in-flight' | 'held' | 'parked';

export interface EntrySummary {
  readonly queueId: string;
  readonly state: EntryState;
  readonly sender: string;
  readonly receivedAt: number;
  readonly size: number;
  /** `undefined` when the stored form is damaged. */
  readonly recipients: readonly RecipientState[] | undefined;
  /** Next attempt of a waiting entry, end of the lease of one in flight, since when it is parked. */
  readonly at: number;
  /** Why it is parked; empty otherwise. */
  readonly reason: string;
  readonly fence: number;
  /** How often a process died while it worked on the entry. */
  readonly crashes: number;
  readonly bodyInFile: boolean;
}

export interface ListQuery {
  readonly state?: EntryState;
  /** Exact reverse path. */
  readonly sender?: string;
  /** At most this many. Default 100, at most 1000. */
  readonly limit?: number;
  /** The last id of the previous page; entries come in the order of their ids, which is that of arrival. */
  readonly after?: string;
}

export type EntryCounts = Readonly<Record<EntryState, number>>;

export type GetResult =
  | { readonly status: 'found'; readonly entry: QueueEntry; readonly summary: EntrySummary }
  | { readonly status: 'damaged'; readonly reason: string; readonly summary: EntrySummary }
  | { readonly status: 'none' };

export interface Setting {
  readonly value: JsonValue;
  /** 1 for the first value of a key, one more with each change. */
  readonly version: number;
}

export type SettingWrite =
  | { readonly status: 'stored'; readonly version: number }
  | { readonly status: 'conflict'; readonly version: number };

export interface Reschedule {
  readonly queueId: string;
  /** As it was read; a claim in between makes the change fail. */
  readonly fence: number;
  readonly due: number;
  readonly recipients: readonly RecipientState[];
}

export interface LeaseRecovery {
  readonly released: number;
  /** Found in flight too often, see crashes.ts; parked. */
  readonly parked: readonly string[];
}

export interface Store {
  /** Stores an entry; answers when it is on disk. An id that exists is ERR_QUEUE_WRITE. */
  put(entry: QueueEntry): Promise<void>;
  /** Leases entries that are due, the longest due first. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  settle(settlements: readonly Settlement[]): Promise<readonly SettleStatus[]>;
  /** Gives claimed entries back untouched, to be looked at again at `due`. */
  release(leases: readonly Lease[], due: number): Promise<void>;
  list(query: ListQuery): Promise<readonly EntrySummary[]>;
  get(queueId: string): Promise<GetResult>;
  count(): Promise<EntryCounts>;
  /** Holds or releases; answers how many entries changed. A running attempt goes on. */
  hold(queueIds: readonly string[], held: boolean): Promise<number>;
  /** Removes entries; answers which ones were there. */
  remove(queueIds: readonly string[]): Promise<readonly string[]>;
  /** Sets an entry aside: nothing claims it any more. Answers whether it was there. */
  park(queueId: string, reason: string, at: number): Promise<boolean>;
  /** Makes a parked or waiting entry wait with new recipient states; `false` when it has moved on. */
  reschedule(change: Reschedule): Promise<boolean>;
  /** Ids of the entries whose body is in a file, in order, after the given one; at most `limit`. */
  bodyFileIds(after: string, limit: number): Promise<readonly string[]>;
  /** Ends leases of every owner but `owner`; only for the one process that may say they are dead. */
  recoverLeases(owner: string, now: number): Promise<LeaseRecovery>;
  getSetting(key: string): Promise<Setting | undefined>;
  /** Writes a setting; with `expected`, only over that version (0: only when there is none). */
  setSetting(key: string, value: JsonValue, expected?: number): Promise<SettingWrite>;
  /**
   * Judges one attempt of a triplet and remembers it, in one step. Survives the process from the
   * answer on, and a loss of power from the next `put` on. The number of rows is bounded: a full
   * table gives up its oldest unconfirmed triplets, or its oldest confirmed ones while the others
   * have less than a quarter of the places.
   */
  greylist(question: GreylistQuestion): Promise<GreylistFinding>;
  /** Counts, or refuses to, in one step; bounded and surviving as above. */
  countRate(question: RateQuestion): Promise<RateFinding>;
  /** Removes expired rows of the two above, at most `limit` triplets, networks and counters each; answers how many. */
  sweepChecks(now: number, limit: number): Promise<number>;
  /** Answers what was asked before, then lets go of everything. */
  close(): Promise<void>;
}

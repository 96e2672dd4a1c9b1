/**
 * Proves that every message is in exactly one state and that something will happen to it.
 *
 * Waiting entries have a next attempt, entries in flight an end of their lease; held and parked
 * ones wait for the operator and say so. Reads only, page by page; entries that move on while it
 * runs are judged where they are met.
 *
 * Callers: queue/queue for `postern queue check`.
 */
import { isWaiting } from './entry.js';
import type { EntryState, EntrySummary, Store } from './store.js';

export interface CheckFault {
  readonly queueId: string;
  readonly reason: string;
}

export interface QueueCheck {
  readonly status: 'ok' | 'broken';
  readonly counts: Readonly<Record<EntryState, number>>;
  /** Waiting entries and leases whose moment passed more than a minute ago: nobody is at work. */
  readonly overdue: number;
  readonly faults: readonly CheckFault[];
}

const PAGE = 1000;
const OVERDUE_MS = 60_000;

/** What is wrong with an entry; `undefined` when it is in order. */
function faultOf(entry: EntrySummary, published: ReadonlySet<string>): string | undefined {
  if (entry.recipients === undefined) {
    return entry.state === 'parked' ? undefined : 'its recipients cannot be read';
  }
  if (entry.state === 'parked') return entry.reason === '' ? 'parked without a reason' : undefined;
  if (!entry.recipients.some(isWaiting)) return `${entry.state}, but no recipient waits`;
  if (!Number.isSafeInteger(entry.at)) return `${entry.state} without a deadline`;
  if (entry.bodyInFile && !published.has(entry.queueId)) return 'its body file is missing';
  return undefined;
}

export async function checkQueue(
  store: Store,
  published: ReadonlySet<string>,
  now: number,
): Promise<QueueCheck> {
  const counts: Record<EntryState, number> = { waiting: 0, 'in-flight': 0, held: 0, parked: 0 };
  const faults: CheckFault[] = [];
  let overdue = 0;
  let after: string | undefined = '';
  while (after !== undefined) {
    const page: readonly EntrySummary[] = await store.list({ after, limit: PAGE });
    for (const entry of page) {
      counts[entry.state] += 1;
      const reason = faultOf(entry, published);
      if (reason !== undefined) faults.push({ queueId: entry.queueId, reason });
      const moves = entry.state === 'waiting' || entry.state === 'in-flight';
      if (moves && entry.at < now - OVERDUE_MS) overdue += 1;
    }
    after = page.length < PAGE ? undefined : page.at(-1)?.queueId;
  }
  return { status: faults.length === 0 ? 'ok' : 'broken', counts, overdue, faults };
}

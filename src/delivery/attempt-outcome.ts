/**
 * What an attempt makes of the recipients, and of the entry (RFC 5321 §4.5.4.1).
 *
 * Pure. A deferred recipient gets its next attempt or, past the lifetime of the message, fails.
 * An entry is done when everybody was delivered and waits while anybody does. When nobody waits
 * and somebody failed it is parked with the reasons, because mail that was accepted is never
 * dropped in silence.
 *
 * Callers: delivery/dispatcher.
 */
import { dueAt, type QueueEntry, type RecipientState } from '../queue/entry.js';
import { nextAttempt, type RetrySettings } from '../queue/schedule.js';
import type { Outcome } from '../queue/store.js';
import type { RecipientResult } from './transport.js';

export interface AttemptTime {
  readonly now: number;
  /** A drawn number from 0 up to, not including, 1. */
  readonly chance: number;
  readonly retry: RetrySettings;
}

/** The recipients an attempt at `now` is for. */
export function recipientsDue(entry: QueueEntry, now: number): readonly RecipientState[] {
  return entry.recipients.filter(
    ({ state, nextAttemptAt }) => (state === 'queued' || state === 'deferred') && nextAttemptAt <= now,
  );
}

function afterAttempt(
  recipient: RecipientState,
  result: RecipientResult,
  receivedAt: number,
  time: AttemptTime,
): RecipientState {
  const attempts = recipient.attempts + 1;
  if (result.status === 'delivered') return { ...recipient, state: 'delivered', attempts, lastReason: '' };
  if (result.status === 'failed') {
    return { ...recipient, state: 'failed', attempts, lastReason: result.reason };
  }
  const next = nextAttempt({ attempts, receivedAt, now: time.now, chance: time.chance }, time.retry);
  if (next.status === 'give-up') {
    const lastReason = `given up after ${attempts} attempts; the last one: ${result.reason}`;
    return { ...recipient, state: 'failed', attempts, lastReason };
  }
  return { ...recipient, state: 'deferred', attempts, nextAttemptAt: next.at, lastReason: result.reason };
}

/** All recipients of the entry after an attempt for `attempted`. */
export function applyResults(
  entry: QueueEntry,
  attempted: readonly RecipientState[],
  results: readonly RecipientResult[],
  time: AttemptTime,
): readonly RecipientState[] {
  const tried = new Set(attempted);
  const byAddress = new Map(results.map((result) => [result.address, result]));
  return entry.recipients.map((recipient) => {
    if (!tried.has(recipient)) return recipient;
    const { address } = recipient;
    const result = byAddress.get(address) ?? {
      status: 'deferred' as const,
      address,
      reason: 'the transport gave no result',
    };
    return afterAttempt(recipient, result, entry.receivedAt, time);
  });
}

/** What becomes of an entry whose recipients are now these. */
export function outcomeOf(entry: QueueEntry, recipients: readonly RecipientState[], now: number): Outcome {
  const due = dueAt(recipients, entry.notBefore);
  if (due !== undefined) return { kind: 'retry', due, recipients };
  const failed = recipients.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return { kind: 'done' };
  const reason = failed.map(({ address, lastReason }) => `${address}: ${lastReason}`).join('; ');
  return { kind: 'park', at: now, reason: `could not be delivered: ${reason}`, recipients };
}

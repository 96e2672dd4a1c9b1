/**
 * One attempt: from a claimed entry to the recorded result.
 *
 * Whatever a transport does (throw, overrun, forget a recipient) becomes a deferral; a damaged
 * body parks the entry. The result counts only under the lease of the attempt, so that a late one
 * cannot undo what came after it, and facts are published only when it is on disk.
 *
 * Callers: delivery/dispatcher. Rejects only when the queue did not take the result; the lease
 * then ends by itself and the entry is tried again.
 */
import type { Cancel, Clock } from '../core/clock.js';
import { isEngineError, messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { RecipientState } from '../queue/entry.js';
import type { Queue } from '../queue/queue.js';
import { DEFAULT_RETRY, type RetrySettings } from '../queue/schedule.js';
import type { ClaimedEntry } from '../queue/store.js';
import { applyResults, outcomeOf, recipientsDue } from './attempt-outcome.js';
import type { DeliveryTransport, RecipientResult } from './transport.js';

export interface AttemptOptions {
  readonly queue: Pick<Queue, 'settle' | 'park'>;
  readonly transport: DeliveryTransport;
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly retry?: RetrySettings;
  /** Longest time for one attempt, milliseconds. Default 10 minutes. */
  readonly attemptMs?: number;
}

export const DEFAULT_ATTEMPT_MS = 600_000;

/** Runs one attempt against its time limit; answers with deferrals for everything that goes wrong. */
async function runAttempt(
  options: AttemptOptions,
  claimed: ClaimedEntry,
  recipients: readonly RecipientState[],
  stopping: AbortSignal,
): Promise<readonly RecipientResult[] | 'damaged'> {
  const { transport, clock, log } = options;
  const { entry } = claimed;
  const overrun = new AbortController();
  let cancel: Cancel | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(options.attemptMs ?? DEFAULT_ATTEMPT_MS, () => {
      const reason = new Error('the attempt took too long');
      overrun.abort(reason);
      reject(reason);
    });
  });
  try {
    const signal = AbortSignal.any([stopping, overrun.signal]);
    return await Promise.race([transport.deliver(entry, recipients, signal), late]);
  } catch (error) {
    if (isEngineError(error, 'ERR_QUEUE_CORRUPT')) return 'damaged';
    const reason = messageOf(error);
    log.warn('delivery attempt failed', { queueId: entry.queueId, transport: transport.name, reason });
    return recipients.map(({ address }) => ({ status: 'deferred', address, reason }));
  } finally {
    cancel?.();
  }
}

function publishResults(
  { facts, transport, clock }: AttemptOptions,
  queueId: string,
  recipients: readonly RecipientState[],
): void {
  for (const { address: recipient, state, lastReason: reason, nextAttemptAt } of recipients) {
    if (state === 'delivered') {
      facts.publish('recipient.delivered', { queueId, recipient, transport: transport.name });
    } else if (state === 'failed') {
      facts.publish('recipient.failed', { queueId, recipient, reason });
    } else {
      const retryInMs = Math.max(nextAttemptAt - clock.now(), 0);
      facts.publish('recipient.deferred', { queueId, recipient, reason, retryInMs });
    }
  }
}

/** One attempt from the claimed entry to the recorded result. */
export async function attempt(
  options: AttemptOptions,
  claimed: ClaimedEntry,
  stopping: AbortSignal,
): Promise<void> {
  const { queue, clock, retry = DEFAULT_RETRY } = options;
  const { entry } = claimed;
  const tried = recipientsDue(entry, clock.now());
  const results = tried.length === 0 ? [] : await runAttempt(options, claimed, tried, stopping);
  if (results === 'damaged') {
    await queue.park(entry.queueId, 'its body file is damaged or missing');
    return;
  }
  // Stopped meanwhile: the entry has been given back, and the next start tries it again.
  if (stopping.aborted) return;
  const now = clock.now();
  const chance = clock.random(4).readUInt32BE() / 2 ** 32;
  const recipients = applyResults(entry, tried, results, { now, chance, retry });
  const status = await queue.settle(claimed, outcomeOf(entry, recipients, now));
  if (status === 'lost') return;
  const changed = recipients.filter((recipient, index) => recipient !== entry.recipients[index]);
  publishResults(options, entry.queueId, changed);
}

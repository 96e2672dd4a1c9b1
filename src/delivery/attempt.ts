/**
 * One attempt: from a claimed entry to the recorded result.
 *
 * Whatever a transport does (throw, overrun, forget a recipient) becomes a deferral of those
 * recipients whose result it had not reported; a damaged body parks the entry; a stop gives it back.
 * What was reported before counts in each case, so that nobody gets a message again because
 * somebody else did not. The result counts only under the lease of the attempt, so that a late one
 * cannot undo what came after it, and facts are published only when it is on disk.
 *
 * Callers: delivery/dispatcher. Rejects only when the queue did not take the result; the lease
 * then ends by itself and the entry is tried again.
 */
import type { Clock } from '../core/clock.js';
import { withDeadline } from '../core/deadline.js';
import { isEngineError, messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { RecipientState } from '../queue/entry.js';
import type { Queue } from '../queue/queue.js';
import { DEFAULT_RETRY, type RetrySettings } from '../queue/schedule.js';
import type { ClaimedEntry, Outcome } from '../queue/store.js';
import { applyResults, outcomeOf, recipientsDue } from './attempt-outcome.js';
import type { DeliveryTransport, RecipientResult } from './transport.js';

export interface AttemptOptions {
  readonly queue: Pick<Queue, 'settle' | 'release'>;
  readonly transport: DeliveryTransport;
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly retry?: RetrySettings;
  /**
   * Longest time for one attempt, milliseconds. Default 2 hours: transports bound each of their
   * steps (RFC 5321 §4.5.3.2), and a large message to a slow peer may take that long.
   */
  readonly attemptMs?: number;
}

export const DEFAULT_ATTEMPT_MS = 7_200_000;

const DAMAGED = 'its body file is damaged or missing';

type Results = ReadonlyMap<string, RecipientResult>;

/** What an attempt left behind; `results` holds whatever was learned before its end. */
interface Run {
  /** `whole`: every recipient was tried; `damaged` and `stopped`: those without a result were not. */
  readonly end: 'whole' | 'damaged' | 'stopped';
  readonly results: Results;
}

/** Runs one attempt against its limits; answers with deferrals for everything that goes wrong. */
async function runAttempt(
  options: AttemptOptions,
  { entry }: ClaimedEntry,
  recipients: readonly RecipientState[],
  stopping: AbortSignal,
): Promise<Run> {
  const { transport, clock, log, attemptMs: ms = DEFAULT_ATTEMPT_MS } = options;
  const results = new Map<string, RecipientResult>();
  let isOpen = true;
  const report = (result: RecipientResult): void => {
    // What is said after the end was recorded otherwise already.
    if (isOpen) results.set(result.address, result);
  };
  const cutShort = (reason: string): Run => {
    log.warn('delivery attempt failed', { queueId: entry.queueId, transport: transport.name, reason });
    for (const { address } of recipients) {
      if (!results.has(address)) report({ status: 'deferred', address, reason });
    }
    return { end: 'whole', results };
  };
  try {
    const timed = await withDeadline({ clock, ms, signal: stopping }, (signal) =>
      transport.deliver(entry, recipients, signal, report),
    );
    if (timed.status === 'aborted') return { end: 'stopped', results };
    if (timed.status === 'timedOut') return cutShort('the attempt took too long');
    timed.value.forEach(report);
    return { end: 'whole', results };
  } catch (error) {
    if (isEngineError(error, 'ERR_QUEUE_CORRUPT')) return { end: 'damaged', results };
    return cutShort(messageOf(error));
  } finally {
    isOpen = false;
  }
}

function publishResults(
  { facts, transport, clock }: AttemptOptions,
  queueId: string,
  changed: readonly RecipientState[],
  results: Results,
): void {
  for (const { address: recipient, state, lastReason: reason, nextAttemptAt } of changed) {
    if (state === 'delivered') {
      const result = results.get(recipient);
      const { transport: by = transport.name, reply = undefined } =
        result?.status === 'delivered' ? result : {};
      const said = reply === undefined ? {} : { reply };
      facts.publish('recipient.delivered', { queueId, recipient, transport: by, ...said });
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
  const { queue, clock, facts, retry = DEFAULT_RETRY } = options;
  const { entry } = claimed;
  const due = recipientsDue(entry, clock.now());
  const run: Run =
    due.length === 0
      ? { end: 'whole', results: new Map() }
      : await runAttempt(options, claimed, due, stopping);
  const { end, results } = run;
  if (end === 'stopped' && results.size === 0) {
    await queue.release(claimed);
    return;
  }
  // Who has no result was not tried, when the attempt did not run to its end.
  const tried = end === 'whole' ? due : due.filter(({ address }) => results.has(address));
  const now = clock.now();
  const chance = clock.random(4).readUInt32BE() / 2 ** 32;
  const recipients = applyResults(entry, tried, [...results.values()], { now, chance, retry });
  const outcome: Outcome =
    end === 'damaged'
      ? { kind: 'park', at: now, reason: DAMAGED, recipients }
      : outcomeOf(entry, recipients, now);
  if ((await queue.settle(claimed, outcome)) === 'lost') return;
  if (end === 'damaged') {
    const message = `${entry.queueId} set aside: ${DAMAGED}`;
    facts.publish('queue.trouble', { code: 'ERR_QUEUE_CORRUPT', message });
  }
  const changed = recipients.filter((recipient, index) => recipient !== entry.recipients[index]);
  publishResults(options, entry.queueId, changed, results);
}

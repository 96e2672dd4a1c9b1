/**
 * How often has this happened lately, and may it happen once more?
 *
 * At most `limit` within any stretch of the window's length: a sliding window, counted exactly up
 * to 64 counts, and beyond that with counts that leave it up to a 32nd of the window late, never
 * early. What is refused is not counted. The key and the length of the window name a counter; the
 * limit does not, so that a limit can be lowered and still knows what was counted before. When the
 * store is in trouble the call is allowed and the status says `tempError`. Always resolves; one
 * atomic step in the store, so that of two calls with one left only one is allowed.
 *
 * Callers: hooks/methods. The port is implemented by the queue's store and connected by app.
 */
import { createHash } from 'node:crypto';
import { messageOf } from '../core/errors.js';
import { type CheckOutcome, printable } from './outcome.js';

interface Call {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly cost: number;
  readonly now: number;
}

/** Counts. Survives the process from the answer on; rejects when it cannot. */
export interface RateStore {
  countRate(call: Call): Promise<{
    readonly allowed: boolean;
    /** What is counted now. */
    readonly count: number;
    readonly resetMs: number;
  }>;
}

export interface RateOutcome extends CheckOutcome<'ok' | 'tempError'> {
  readonly allowed: boolean;
  readonly count: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

export interface RateArgs {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly cost: number;
}

export interface RateDeps {
  readonly store: RateStore;
  readonly clock: { now(): number };
}

/** Longest key that is kept as it is, characters; of longer ones a hash. */
const LONGEST_KEY = 100;

function boundedKey(key: string): string {
  if (key.length <= LONGEST_KEY) return `=${key}`;
  return `#${createHash('sha256').update(key).digest('base64url')}`;
}

export async function checkRate({ store, clock }: RateDeps, args: RateArgs): Promise<RateOutcome> {
  const { limit, windowMs, cost } = args;
  const shown = printable(args.key, 100);
  try {
    const counted = await store.countRate({
      key: boundedKey(args.key),
      limit,
      windowMs,
      cost,
      now: clock.now(),
    });
    const { allowed, count } = counted;
    const resetSeconds = Math.ceil(counted.resetMs / 1000);
    return {
      status: 'ok',
      allowed,
      count,
      remaining: Math.max(0, limit - count),
      resetSeconds,
      explanation: allowed ? '' : `Too many, please try again in ${resetSeconds} seconds`,
      evidence: [`rate ${shown}: ${count} of ${limit}`],
    };
  } catch (error) {
    return {
      status: 'tempError',
      allowed: true,
      count: 0,
      remaining: limit,
      resetSeconds: 0,
      explanation: printable(`the counter cannot be asked: ${messageOf(error)}`),
      evidence: [`rate ${shown}: no answer`],
    };
  }
}

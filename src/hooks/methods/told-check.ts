/**
 * Waits for a check, and tells what it came to.
 *
 * Callers: the methods that are checks, and what they share. A check in trouble is told once more
 * with its reason, because the policy may well let it pass without a word.
 */
import type { Clock } from '../../core/clock.js';
import type { FactBus } from '../../core/facts.js';

export interface TellDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
}

/** What counters and logs know an outcome by. */
export interface Told {
  readonly status: string;
  readonly explanation: string;
}

/** The words of all checks for "nobody knows": of the store, of DNS, of a list, of a database. */
const TROUBLES: ReadonlySet<string> = new Set([
  'tempError',
  'TempError',
  'error',
  'Error',
  'listError',
  'damaged',
]);

export async function told<Outcome>(
  { clock, facts }: TellDeps,
  check: string,
  asking: Promise<Outcome>,
  of: (outcome: Outcome) => Told,
): Promise<Outcome> {
  const started = clock.elapsed();
  const outcome = await asking;
  const { status, explanation } = of(outcome);
  facts.publish('check.ran', { check, status, ms: clock.elapsed() - started });
  if (TROUBLES.has(status)) facts.publish('check.trouble', { check, status, reason: explanation });
  return outcome;
}

/** For outcomes that say so themselves. */
export function itself(outcome: Told): Told {
  return outcome;
}

/**
 * Runs a check that asks the store, and tells what it came to.
 *
 * Callers: methods that ask the store. A trouble of the store is told once more with its reason,
 * because the policy may well let it pass without a word.
 */
import type { CheckOutcome } from '../../checks/outcome.js';
import type { Clock } from '../../core/clock.js';
import type { FactBus } from '../../core/facts.js';

export interface TellDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
}

/** `word` is what counters know the outcome by; its status if it is left out. */
export async function told<Outcome extends CheckOutcome<string>>(
  { clock, facts }: TellDeps,
  check: string,
  asking: Promise<Outcome>,
  word: (outcome: Outcome) => string = ({ status }) => status,
): Promise<Outcome> {
  const started = clock.elapsed();
  const outcome = await asking;
  facts.publish('check.ran', { check, status: word(outcome), ms: clock.elapsed() - started });
  if (outcome.status === 'tempError') {
    facts.publish('check.trouble', { check, reason: outcome.explanation });
  }
  return outcome;
}

/**
 * Takes expired rows of the checks out of the store, a few at a time.
 *
 * Once a minute it looks; while there is more to take it goes on in small steps with pauses, so
 * that no message waits behind a large one. Nothing depends on a sweep: an expired row counts for
 * nothing before it is gone.
 *
 * Callers: queue/open, for the one process that owns the directory. A step that fails is logged
 * and made up for a minute later.
 */
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { Store } from './store.js';

export interface SweepDependencies {
  readonly store: Pick<Store, 'sweepChecks'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOK_MS = 60_000;
const PAUSE_MS = 250;
/** Triplets, networks and counters in one step, so many each: some milliseconds of work. */
const STEP_ROWS = 250;

/** Starts sweeping; the returned function ends it. */
export function startSweep({ store, clock, log }: SweepDependencies): () => void {
  let stopped = false;
  let cancel: Cancel | undefined;

  const step = async (): Promise<number> => {
    try {
      const removed = await store.sweepChecks(clock.now(), STEP_ROWS);
      return removed >= STEP_ROWS ? PAUSE_MS : LOOK_MS;
    } catch (error) {
      if (!stopped) log.warn('expired rows of the checks could not be removed', { error: messageOf(error) });
      return LOOK_MS;
    }
  };
  const later = (ms: number): void => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      step()
        .then(later)
        .catch((error: unknown) => {
          // Only a clock or a log that throws leads here; without a timer nothing sweeps any more.
          log.error('expired rows of the checks are not removed any more', { error: messageOf(error) });
        });
    });
  };
  later(LOOK_MS);
  return () => {
    stopped = true;
    cancel?.();
  };
}

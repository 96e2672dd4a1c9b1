/**
 * Time and chance as a port.
 *
 * Everything that waits, measures or draws a random value asks a Clock, so that tests run on a
 * virtual clock and recorded sessions replay with the same answers. Nothing else in `src` calls
 * `Date.now`, `setTimeout` or `Math.random`.
 *
 * Callers: every tier. Holds no state of ours.
 */
import { randomBytes } from 'node:crypto';

/** Cancels a timer; calling it twice, or after the timer fired, does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Wall time, milliseconds since 1970 UTC. Goes into records; never used to measure. */
  now(): number;
  /** Monotonic time in milliseconds with fractions. Used to measure; has no calendar meaning. */
  elapsed(): number;
  /** Runs `task` once after `ms` milliseconds. The timer keeps the process alive only with `hold`. */
  after(ms: number, task: () => void, hold?: 'hold'): Cancel;
  /** `size` unpredictable octets. */
  random(size: number): Buffer;
}

/** Longest delay a Node timer carries (2^31 - 1 ms, some 24 days); longer ones would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, task, hold) {
    const timer = setTimeout(task, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
    if (hold === undefined) timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  random: (size) => randomBytes(size),
};

/**
 * One deadline that moves often and expires seldom.
 *
 * Setting it anew costs a comparison, not a timer: a single timer runs, and when it fires early
 * it is set again for what is left. Times are milliseconds of the monotonic clock.
 *
 * Callers: conversation.ts. `onExpire` is called at most once for each time it was set.
 */
import type { Cancel, Clock } from '../../core/clock.js';

export interface Deadline {
  /** Expires in `ms` from now instead of whenever it was to. */
  set(ms: number): void;
  /** Does not expire until it is set again. */
  clear(): void;
  /** Clears it and gives the timer back. */
  dispose(): void;
}

export function createDeadline(clock: Clock, onExpire: () => void): Deadline {
  let due = Number.POSITIVE_INFINITY;
  let firesAt = Number.POSITIVE_INFINITY;
  let cancel: Cancel | undefined;

  function arm(ms: number): void {
    cancel?.();
    firesAt = clock.elapsed() + ms;
    cancel = clock.after(ms, onTimer);
  }

  function onTimer(): void {
    cancel = undefined;
    firesAt = Number.POSITIVE_INFINITY;
    if (due === Number.POSITIVE_INFINITY) return;
    // Timers are whole milliseconds; one that fires a fraction early counts as on time.
    const left = due - clock.elapsed();
    if (left >= 1) {
      arm(left);
      return;
    }
    due = Number.POSITIVE_INFINITY;
    onExpire();
  }

  return {
    set(ms) {
      due = clock.elapsed() + ms;
      if (due < firesAt) arm(ms);
    },
    clear() {
      due = Number.POSITIVE_INFINITY;
    },
    dispose() {
      due = Number.POSITIVE_INFINITY;
      cancel?.();
      cancel = undefined;
    },
  };
}

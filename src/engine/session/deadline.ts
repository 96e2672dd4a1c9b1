/**
 * One deadline that moves often and expires seldom.
 *
 * Setting it anew costs a comparison, not a timer: a single timer runs, and when it fires early
 * it is set again for what is left. Times are milliseconds of the monotonic clock.
 *
 * Callers: conversation.ts. `onExpire` is called at most once for each time it was set.
 */
import type { Cancel, Clock } from '../../core/clock.js';

export class Deadline {
  readonly #clock: Clock;
  readonly #onExpire: () => void;
  #due = Number.POSITIVE_INFINITY;
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  readonly #onTimer = (): void => {
    this.#fired();
  };

  constructor(clock: Clock, onExpire: () => void) {
    this.#clock = clock;
    this.#onExpire = onExpire;
  }

  /** Expires in `ms` from now instead of whenever it was to. */
  set(ms: number): void {
    this.#due = this.#clock.elapsed() + ms;
    if (this.#due < this.#firesAt) this.#arm(ms);
  }

  /** Does not expire until it is set again. */
  clear(): void {
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Clears it and gives the timer back. */
  dispose(): void {
    this.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel?.();
    this.#firesAt = this.#clock.elapsed() + ms;
    this.#cancel = this.#clock.after(ms, this.#onTimer);
  }

  #fired(): void {
    this.#cancel = undefined;
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (this.#due === Number.POSITIVE_INFINITY) return;
    // Timers are whole milliseconds; one that fires a fraction early counts as on time.
    const left = this.#due - this.#clock.elapsed();
    if (left >= 1) {
      this.#arm(left);
      return;
    }
    this.clear();
    this.#onExpire();
  }
}

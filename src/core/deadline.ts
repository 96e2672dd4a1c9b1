/**
 * A deadline around one piece of asynchronous work.
 *
 * The work gets a signal that aborts when the time is over or when the caller's own signal
 * aborts; the caller gets its answer at that moment, whether the work listens or not. What the
 * work does afterwards, failing included, has no effect and raises no unhandled rejection.
 *
 * Callers: checks, filters, hooks, delivery. A failure of the work before the deadline rejects.
 */
import type { Cancel, Clock } from './clock.js';

export type Timed<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'timedOut' }
  | { readonly status: 'aborted' };

export interface Deadline {
  readonly clock: Clock;
  /** Milliseconds the work may take; 0 or less ends it at once. */
  readonly ms: number;
  /** Ends the work early, for instance because the client has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** A signal that is made when it is first read: whoever never waits never pays for it. */
export interface LateSignal {
  readonly signal: AbortSignal;
}

export interface LateDeadline {
  readonly clock: Clock;
  /** Milliseconds from the moment at which the work first waits. */
  readonly ms: number;
  /** Ends the work early; read when the work first waits. */
  readonly until?: LateSignal | undefined;
}

/**
 * The same for work that waits for nothing but what it hands its signal to. Where everything is at
 * hand already, in a cache for instance, neither a timer nor a signal is made.
 */
export function withLateDeadline<T>(
  deadline: LateDeadline,
  work: (late: LateSignal) => Promise<T>,
): Promise<Timed<T>> {
  return new Promise((resolve, reject) => {
    const late = new Waiting(deadline, resolve);
    start(work, late).then(
      (value) => {
        late.release();
        resolve({ status: 'done', value });
      },
      (error: unknown) => {
        late.release();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/**
 * A signal that aborts `ms` after it was first read, for work that ends by itself then and may still
 * tell what it has. `release` when the work is over.
 */
export function lateSignal(deadline: LateDeadline): LateSignal & { release(): void } {
  return new Waiting(deadline, () => undefined);
}

/** The deadline of one piece of work, which begins when its signal is asked for. */
class Waiting implements LateSignal {
  readonly #deadline: LateDeadline;
  readonly #tell: (end: { readonly status: 'timedOut' | 'aborted' }) => void;
  #controller: AbortController | undefined;
  #cancelTimer: Cancel | undefined;
  #outer: AbortSignal | undefined;
  #isOver = false;

  constructor(deadline: LateDeadline, tell: (end: { readonly status: 'timedOut' | 'aborted' }) => void) {
    this.#deadline = deadline;
    this.#tell = tell;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isOver) this.#controller.abort();
      else this.#begin();
    }
    return this.#controller.signal;
  }

  /** The work is over; what it has left under way is called off. */
  release(): void {
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#outer?.removeEventListener('abort', this.#onAbort);
    this.#controller?.abort();
  }

  #begin(): void {
    const { clock, ms, until } = this.#deadline;
    this.#outer = until?.signal;
    if (this.#outer?.aborted) {
      this.#stop('aborted');
      return;
    }
    if (!(ms > 0)) {
      this.#stop('timedOut');
      return;
    }
    this.#outer?.addEventListener('abort', this.#onAbort, { once: true });
    this.#cancelTimer = clock.after(ms, () => {
      this.#stop('timedOut');
    });
  }

  readonly #onAbort = (): void => {
    this.#stop('aborted');
  };

  #stop(status: 'timedOut' | 'aborted'): void {
    // The answer first: what the work makes of its signal has no effect any more.
    this.#tell({ status });
    this.release();
  }
}

export function withDeadline<T>(
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  const { clock, ms, signal } = deadline;
  if (signal?.aborted) return Promise.resolve({ status: 'aborted' });
  if (!(ms > 0)) return Promise.resolve({ status: 'timedOut' });
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const release = (): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
    };
    const stop = (status: 'timedOut' | 'aborted'): void => {
      release();
      resolve({ status });
      controller.abort();
    };
    const onAbort = (): void => {
      stop('aborted');
    };
    const cancelTimer = clock.after(ms, () => {
      stop('timedOut');
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    start(work, controller.signal).then(
      (value) => {
        release();
        resolve({ status: 'done', value });
      },
      (error: unknown) => {
        release();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** Turns a synchronous throw of `work` into a rejection, so that the timer is released in one place. */
async function start<T, A>(work: (given: A) => Promise<T>, given: A): Promise<T> {
  return await work(given);
}

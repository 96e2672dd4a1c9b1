/**
 * A deadline around one piece of asynchronous work.
 *
 * The work gets a signal that aborts when the time is over or when the caller's own signal
 * aborts; the caller gets its answer at that moment, whether the work listens or not. What the
 * work does afterwards, failing included, has no effect and raises no unhandled rejection.
 *
 * Callers: checks, filters, hooks, delivery. A failure of the work before the deadline rejects.
 */
import type { Clock } from './clock.js';

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
async function start<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return await work(signal);
}

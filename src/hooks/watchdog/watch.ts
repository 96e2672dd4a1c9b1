/**
 * The main thread's side of the watchdog: a heart beat and a note of who has control.
 *
 * Both are words of shared memory, so that the watchdog thread can read them while this thread
 * is stuck in a loop. Writing a word costs nothing; no call here allocates.
 *
 * Callers: hooks/session-run marks every handler it starts, hooks/handler-run every handler that
 * goes on after an awaited method; hooks/watchdog/dog reads.
 */
import type { Clock } from '../../core/clock.js';

/** Words of the shared memory. */
export const BEAT = 0;
export const MARK = 1;
/** The handler that was given control last, whether it has given it back or not. */
export const LATEST = 2;
export const WORDS = 3;

/** How often the heart beats; far below any sensible alarm time. */
const BEAT_MS = 100;

export interface Watch {
  /** A handler is about to run, or to go on. `mark` is its number; 0 is nobody. */
  enter(mark: number): void;
  /** The handler has given control back. */
  leave(): void;
}

/** Watches nothing: for embedders that switch the watchdog off, and for tests. */
export const noWatch: Watch = {
  enter() {
    // Nobody is watching.
  },
  leave() {
    // Nobody is watching.
  },
};

export interface SharedWatch extends Watch {
  readonly memory: SharedArrayBuffer;
  stop(): void;
}

/** Starts the heart beat. */
export function createWatch(clock: Clock): SharedWatch {
  const memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(memory);
  let stopped = false;
  const beat = (): void => {
    if (stopped) return;
    words[BEAT] = ((words[BEAT] ?? 0) + 1) | 0;
    // Whoever had control has given it back, or this timer would not run.
    words[MARK] = 0;
    clock.after(BEAT_MS, beat);
  };
  beat();
  return {
    memory,
    enter(mark) {
      words[MARK] = mark;
      words[LATEST] = mark;
    },
    leave() {
      words[MARK] = 0;
    },
    stop() {
      stopped = true;
    },
  };
}

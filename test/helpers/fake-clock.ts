/**
 * A Clock whose time moves only when a test says so.
 *
 * `advance` fires due timers in order of their moment (equal moments in order of their setting)
 * and lets everything they resolve run to its end before the next one fires, so that
 * `await clock.advance(5000)` leaves nothing half done. Chance is a fixed sequence that depends on
 * the seed alone.
 */
import type { Cancel, Clock } from '../../src/core/clock.js';

export interface FakeClock extends Clock {
  /** Moves time on by `ms`, firing what falls due on the way, also timers set meanwhile. */
  advance(ms: number): Promise<void>;
  /** Lets pending promise reactions run without moving time. */
  settle(): Promise<void>;
  /** Timers that are set and have neither fired nor been cancelled. */
  pending(): number;
}

export interface FakeClockOptions {
  /** Wall time at the start, milliseconds since 1970 UTC. Default 2026-01-01T00:00:00Z. */
  readonly start?: number;
  /** Picks the sequence that `random` draws from. Default 1. */
  readonly seed?: number;
}

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

const NEW_YEAR_2026 = 1_767_225_600_000;

/** One turn of the event loop: every promise reaction that is due runs before it ends. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A small fixed generator (xorshift, 32 bits); good enough to differ, useless as a secret. */
function createOctets(seed: number): (size: number) => Buffer {
  let state = seed | 0 || 1;
  return (size) => {
    const octets = Buffer.alloc(size);
    for (let i = 0; i < size; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      octets[i] = state & 0xff;
    }
    return octets;
  };
}

export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  const start = options.start ?? NEW_YEAR_2026;
  // A Set keeps the order of insertion, which decides between timers of one moment.
  const timers = new Set<Timer>();
  let elapsed = 0;

  function nextDue(limit: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.due <= limit && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }

  return {
    now: () => start + elapsed,
    elapsed: () => elapsed,
    after(ms, task): Cancel {
      const timer = { due: elapsed + Math.max(ms, 0), task };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    random: createOctets(options.seed ?? 1),
    async advance(ms) {
      const limit = elapsed + ms;
      await turn();
      for (let timer = nextDue(limit); timer !== undefined; timer = nextDue(limit)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.due);
        timer.task();
        await turn();
      }
      elapsed = limit;
    },
    settle: turn,
    pending: () => timers.size,
  };
}

/**
 * Counts within a sliding window: at most `limit` in any `windowMs`, whenever one looks.
 *
 * Neither of the usual approximations holds that promise: a token bucket lets nearly twice the
 * limit through in one window, two fixed windows one and a half times, and both refuse a burst
 * that comes one window after the last. So the times of the counts are kept, as runs of one time
 * and a count. Up to MOST_RUNS of them are exact. Beyond that those that fall into the same 32nd of
 * the window are joined at the time of the latest: a count then leaves the window at most a 32nd
 * of it late, and never early. A row takes 512 octets at most, whatever the limit is.
 *
 * What is refused is not counted: a client that keeps trying does not lengthen its wait.
 *
 * Callers: implementations of queue/store, inside their transaction. Reads no clock.
 */

export interface RateQuestion {
  /** Names what is counted, together with the window. At most 128 characters. */
  readonly key: string;
  /** Most that may be counted within the window; 1 to 1,000,000,000. */
  readonly limit: number;
  /** Length of the window, milliseconds; 1 to LONGEST_WINDOW_MS. */
  readonly windowMs: number;
  /** How much this call counts, 1 to 1,000,000,000. All of it or nothing. */
  readonly cost: number;
  readonly now: number;
}

export interface RateFinding {
  readonly allowed: boolean;
  /** What is counted in the window, this call included when it is allowed. */
  readonly count: number;
  /**
   * Allowed: until the oldest count leaves the window. Refused: until the same call would be
   * allowed; the whole window for a cost above the limit, which never is. Milliseconds.
   */
  readonly resetMs: number;
}

/** What is counted at one time. */
export interface Run {
  readonly at: number;
  readonly count: number;
}

export interface Counted {
  readonly finding: RateFinding;
  /** The runs to keep, oldest first; undefined when they stay as they are. */
  readonly runs: readonly Run[] | undefined;
}

const MOST_RUNS = 64;
const PARTS = 32;

/** Runs that are still in the window. Those ahead of `now` come from a clock that was set back. */
function inWindow(runs: readonly Run[], { now, windowMs }: RateQuestion): Run[] {
  return runs
    .filter(({ at }) => at + windowMs > now)
    .map((run) => (run.at > now ? { at: now, count: run.count } : run));
}

/** Joins the runs that fall into the same part of the window, at the time of the latest. */
function joined(runs: readonly Run[], windowMs: number): Run[] {
  const part = Math.max(1, windowMs / PARTS);
  const kept: Run[] = [];
  for (const run of runs) {
    const last = kept.at(-1);
    if (last && Math.floor(last.at / part) === Math.floor(run.at / part)) {
      kept[kept.length - 1] = { at: run.at, count: last.count + run.count };
    } else kept.push(run);
  }
  return kept;
}

function withOneMore(runs: readonly Run[], { now, cost, windowMs }: RateQuestion): readonly Run[] {
  const last = runs.at(-1);
  if (last?.at === now) return [...runs.slice(0, -1), { at: now, count: last.count + cost }];
  const longer = [...runs, { at: now, count: cost }];
  return longer.length <= MOST_RUNS ? longer : joined(longer, windowMs);
}

/** How long until so much has left the window that the cost fits. */
function untilRoom(runs: readonly Run[], count: number, question: RateQuestion): number {
  let left = count;
  for (const run of runs) {
    left -= run.count;
    if (left + question.cost <= question.limit) return run.at + question.windowMs - question.now;
  }
  return question.windowMs;
}

export function countIn(kept: readonly Run[], question: RateQuestion): Counted {
  const runs = inWindow(kept, question);
  const before = runs.reduce((sum, run) => sum + run.count, 0);
  if (before + question.cost > question.limit) {
    const resetMs = untilRoom(runs, before, question);
    // Runs that were moved to `now` are kept there, or they would be moved along at every look.
    const wasAhead = kept.some(({ at }) => at > question.now);
    return { finding: { allowed: false, count: before, resetMs }, runs: wasAhead ? runs : undefined };
  }
  const oldest = runs[0]?.at ?? question.now;
  return {
    finding: {
      allowed: true,
      count: before + question.cost,
      resetMs: oldest + question.windowMs - question.now,
    },
    runs: withOneMore(runs, question),
  };
}

/** The window and the counts are held in 32 bits; 49 days would be the end. */
const RUN_OCTETS = 8;

/** Two 32-bit numbers for each run: milliseconds after the first run, and the count. */
export function encodeRuns(runs: readonly Run[]): Uint8Array {
  const base = runs[0]?.at ?? 0;
  const octets = new Uint8Array(runs.length * RUN_OCTETS);
  const view = new DataView(octets.buffer);
  runs.forEach(({ at, count }, index) => {
    view.setUint32(index * RUN_OCTETS, at - base);
    view.setUint32(index * RUN_OCTETS + 4, count);
  });
  return octets;
}

/** The runs again; octets that are none of ours give none. */
export function decodeRuns(base: number, octets: Uint8Array): readonly Run[] {
  if (octets.byteLength % RUN_OCTETS !== 0) return [];
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const runs: Run[] = [];
  for (let at = 0; at < octets.byteLength; at += RUN_OCTETS) {
    runs.push({ at: base + view.getUint32(at), count: view.getUint32(at + 4) });
  }
  return runs;
}

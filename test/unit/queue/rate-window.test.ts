import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countIn,
  decodeRuns,
  encodeRuns,
  type RateQuestion,
  type Run,
} from '../../../src/queue/rate-window.js';

const T0 = 1_767_225_600_000;

/** Calls one after the other on what the call before left, in its stored form. */
function counter(fixed: Partial<RateQuestion> = {}) {
  let base = 0;
  let octets = new Uint8Array(0);
  const call = (now: number, changes: Partial<RateQuestion> = {}) => {
    const question = { key: 'k', limit: 10, windowMs: 60_000, cost: 1, now, ...fixed, ...changes };
    const { finding, runs } = countIn(decodeRuns(base, octets), question);
    if (runs) {
      base = runs[0]?.at ?? 0;
      octets = encodeRuns(runs) as typeof octets;
    }
    return finding;
  };
  return { call, octets: () => octets.byteLength };
}

describe('countIn', () => {
  it('allows exactly the limit in a burst, wherever it falls', () => {
    for (const start of [T0, T0 + 1, T0 + 59_999]) {
      const { call } = counter();
      const burst = Array.from({ length: 12 }, (_, n) => call(start + n).allowed);
      expect(burst.filter(Boolean)).toHaveLength(10);
      expect(call(start + 59_999).allowed).toBe(false);
      const next = Array.from({ length: 12 }, (_, n) => call(start + 60_100 + n).allowed);
      expect(next.filter(Boolean)).toHaveLength(10);
    }
  });

  it('says what is counted and when there is room again', () => {
    const { call } = counter({ limit: 3 });
    expect(call(T0)).toEqual({ allowed: true, count: 1, resetMs: 60_000 });
    expect(call(T0 + 20_000, { cost: 2 })).toEqual({ allowed: true, count: 3, resetMs: 40_000 });
    expect(call(T0 + 30_000)).toEqual({ allowed: false, count: 3, resetMs: 30_000 });
    expect(call(T0 + 30_000, { cost: 2 })).toEqual({ allowed: false, count: 3, resetMs: 50_000 });
    expect(call(T0 + 30_000, { cost: 4 })).toEqual({ allowed: false, count: 3, resetMs: 60_000 });
    expect(call(T0 + 60_000)).toEqual({ allowed: true, count: 3, resetMs: 20_000 });
  });

  it('counts all of a cost or nothing of it', () => {
    const { call } = counter();
    expect(call(T0, { cost: 8 }).allowed).toBe(true);
    expect(call(T0, { cost: 3 })).toMatchObject({ allowed: false, count: 8 });
    expect(call(T0, { cost: 2 })).toMatchObject({ allowed: true, count: 10 });
  });

  it('does not let refused calls lengthen the wait', () => {
    const { call } = counter({ limit: 1 });
    call(T0);
    for (let at = T0; at < T0 + 60_000; at += 500) expect(call(at).allowed).toBe(false);
    expect(call(T0 + 60_000).allowed).toBe(true);
  });

  it('is not stuck for longer than a window after a clock has been set back', () => {
    const { call } = counter({ limit: 1 });
    call(T0 + 86_400_000);
    expect(call(T0)).toEqual({ allowed: false, count: 1, resetMs: 60_000 });
    expect(call(T0 + 30_000)).toEqual({ allowed: false, count: 1, resetMs: 30_000 });
    expect(call(T0 + 60_000).allowed).toBe(true);
  });

  it('never counts more than the limit in any window, and is at most a part of it late', () => {
    const calls = fc.array(fc.record({ after: fc.nat(2000), cost: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 100,
      maxLength: 400,
    });
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 300 }), (list, limit) => {
        const windowMs = 32_000;
        const { call, octets } = counter({ limit, windowMs });
        const counted: Run[] = [];
        let now = T0;
        for (const { after, cost } of list) {
          now += after;
          const within = (ms: number) =>
            counted.filter(({ at }) => at + ms > now).reduce((sum, { count }) => sum + count, 0);
          const { allowed } = call(now, { cost });
          if (within(windowMs) + cost > limit) expect(allowed).toBe(false);
          if (within(windowMs + windowMs / 32) + cost <= limit) expect(allowed).toBe(true);
          if (allowed) counted.push({ at: now, count: cost });
          expect(octets()).toBeLessThanOrEqual(512);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('takes octets that are none of its own for nothing', () => {
    expect(decodeRuns(T0, new Uint8Array(7))).toEqual([]);
  });
});

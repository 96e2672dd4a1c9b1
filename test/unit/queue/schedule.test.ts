import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY, nextAttempt } from '../../../src/queue/schedule.js';

const MINUTE = 60_000;

function delay(attempts: number, chance = 0.5): number {
  const next = nextAttempt({ attempts, receivedAt: 0, now: 1000, chance }, DEFAULT_RETRY);
  if (next.status === 'give-up') throw new Error('given up');
  return next.at - 1000;
}

describe('nextAttempt', () => {
  it('doubles from five minutes up to eight hours', () => {
    expect([1, 2, 3, 4].map((n) => delay(n) / MINUTE)).toEqual([5, 10, 20, 40]);
    expect([8, 9, 1000, Number.MAX_SAFE_INTEGER].map((n) => delay(n) / MINUTE)).toEqual([480, 480, 480, 480]);
    expect(delay(0) / MINUTE).toBe(5);
  });

  it('spreads by a tenth in both directions', () => {
    expect(delay(1, 0)).toBe(4.5 * MINUTE);
    expect(delay(1, 0.999_999)).toBeCloseTo(5.5 * MINUTE, -3);
  });

  it('makes the last attempt at the end of the lifetime, then gives up', () => {
    const end = DEFAULT_RETRY.lifetimeMs;
    const history = { attempts: 30, receivedAt: 0, chance: 0.5 };
    expect(nextAttempt({ ...history, now: end - 1000 }, DEFAULT_RETRY)).toEqual({ status: 'retry', at: end });
    expect(nextAttempt({ ...history, now: end }, DEFAULT_RETRY)).toEqual({ status: 'give-up' });
  });
});

import { describe, expect, it } from 'vitest';
import { createFailures } from '../../../src/auth/failures.js';

const LIMITS = { maxFailures: 3, windowMs: 100, lockMs: 50, firstDelayMs: 10, maxDelayMs: 15 };

describe('createFailures', () => {
  it('begins clear and is clear again when window and lock are over', () => {
    const failures = createFailures(LIMITS);
    expect(failures.isClear(0)).toBe(true);
    failures.add('tim', 0);
    expect(failures.isClear(99)).toBe(false);
    expect(failures.isClear(100)).toBe(true);
    for (let i = 0; i < 3; i += 1) failures.add('tim', 200);
    expect(failures.lockedMs(200)).toBe(50);
    expect(failures.isClear(249)).toBe(false);
    expect(failures.isClear(250)).toBe(true);
    expect(failures.count(250)).toBe(0);
  });

  it('waits from the last failure on, no longer than the longest wait', () => {
    const failures = createFailures(LIMITS);
    failures.add('tim', 0);
    expect([0, 4, 10].map((now) => failures.delayMs(now))).toEqual([10, 6, 0]);
    failures.add('tim', 20);
    expect(failures.delayMs(20)).toBe(15);
  });
});

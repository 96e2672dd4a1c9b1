import { describe, expect, it } from 'vitest';
import { createCrashJudge } from '../../../src/queue/crashes.js';

describe('createCrashJudge', () => {
  it('forgives the first crash', () => {
    const judge = createCrashJudge(1000);
    expect([1, 1, 1].map(judge)).toEqual([1, 2, 3].map(() => ({ parked: false, at: 1000, reason: '' })));
  });

  it('tries suspects one after the other', () => {
    const judge = createCrashJudge(1000);
    expect([2, 1, 3, 4].map((crashes) => judge(crashes).at)).toEqual([1000, 1000, 2000, 3000]);
  });

  it('parks what was there five times, with the number', () => {
    const reason = 'the process died 5 times while it worked on this message';
    expect(createCrashJudge(1000)(5)).toEqual({ parked: true, at: 1000, reason });
  });
});

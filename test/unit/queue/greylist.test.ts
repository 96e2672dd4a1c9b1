import { describe, expect, it } from 'vitest';
import { type GreylistQuestion, judge } from '../../../src/queue/greylist.js';

const T0 = 1_767_225_600_000;
const RULES = { delayMs: 300_000, retryWindowMs: 86_400_000, lifetimeMs: 6_400_000, networkAfter: 5 };

function at(now: number, rules: Partial<typeof RULES> = {}): GreylistQuestion {
  return { key: 'k', network: 'n', now, rules: { ...RULES, ...rules } };
}

const NOTHING = { triplet: undefined, network: undefined };

describe('judge', () => {
  it('leaves a row alone while the end of its life would hardly move', () => {
    const triplet = { firstSeen: T0, confirmed: true, expires: T0 + 6_400_000 };
    expect(judge(at(T0 + 99_999), { ...NOTHING, triplet })).toEqual({
      finding: { status: 'passed', waitMs: 0, firstSeen: T0 },
    });
    expect(judge(at(T0 + 100_000), { ...NOTHING, triplet }).triplet).toEqual({
      ...triplet,
      expires: T0 + 6_500_000,
    });
    const network = { confirmed: 5, expires: T0 + 6_400_000 };
    expect(judge(at(T0 + 99_999), { ...NOTHING, network }).network).toBeUndefined();
    expect(judge(at(T0 + 100_000), { ...NOTHING, network }).network).toEqual({
      confirmed: 5,
      expires: T0 + 6_500_000,
    });
  });

  it('counts a network anew when it has not been heard of for a lifetime', () => {
    const triplet = { firstSeen: T0, confirmed: false, expires: T0 + 86_400_000 };
    const network = { confirmed: 4, expires: T0 + 300_000 };
    expect(judge(at(T0 + 299_999, { delayMs: 1 }), { triplet, network }).network).toMatchObject({
      confirmed: 5,
    });
    expect(judge(at(T0 + 300_000), { triplet, network }).network).toMatchObject({ confirmed: 1 });
  });

  it('confirms at once what comes again without a delay', () => {
    const { finding, triplet } = judge(at(T0, { delayMs: 0 }), NOTHING);
    expect(finding).toEqual({ status: 'new', waitMs: 0, firstSeen: T0 });
    expect(judge(at(T0, { delayMs: 0 }), { ...NOTHING, triplet }).finding.status).toBe('passed');
  });
});

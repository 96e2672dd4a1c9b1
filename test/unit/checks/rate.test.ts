import { describe, expect, it } from 'vitest';
import { checkRate } from '../../../src/checks/rate.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createMemoryChecks } from '../../helpers/memory-checks.js';

function setUp() {
  const clock = createFakeClock();
  const store = createMemoryChecks();
  const ask = (key = 'k', limit = 2) =>
    checkRate({ store, clock }, { key, limit, windowMs: 60_000, cost: 1 });
  return { clock, store, ask };
}

describe('checkRate', () => {
  it('tells what is left, and when there is room again', async () => {
    const { clock, ask } = setUp();
    expect(await ask()).toEqual({
      status: 'ok',
      allowed: true,
      count: 1,
      remaining: 1,
      resetSeconds: 60,
      explanation: '',
      evidence: ['rate k: 1 of 2'],
    });
    await clock.advance(500);
    expect(await ask()).toMatchObject({ allowed: true, count: 2, remaining: 0, resetSeconds: 60 });
    expect(await ask()).toMatchObject({
      allowed: false,
      count: 2,
      remaining: 0,
      resetSeconds: 60,
      explanation: 'Too many, please try again in 60 seconds',
    });
    expect(await ask('k', 1)).toMatchObject({ allowed: false, count: 2, remaining: 0 });
    await clock.advance(59_500);
    expect(await ask()).toMatchObject({ allowed: true, count: 2 });
  });

  it('keeps no key longer than it must, and takes no two for one', async () => {
    const { store, ask } = setUp();
    const long = 'x'.repeat(100_000);
    for (const key of [long, `${long}y`, 'short', '=short', '#short']) await ask(key);
    expect(new Set(store.keys).size).toBe(5);
    expect(store.keys.every((key) => key.length <= 128)).toBe(true);
    expect(store.keys[2]).toBe('=short');
  });

  it('allows, and says why, when nobody knows', async () => {
    const { store, ask } = setUp();
    store.broken = new Error('no disk');
    expect(await ask()).toMatchObject({
      status: 'tempError',
      allowed: true,
      count: 0,
      remaining: 2,
      resetSeconds: 0,
      explanation: 'the counter cannot be asked: no disk',
    });
  });
});

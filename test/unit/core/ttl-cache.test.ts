import { describe, expect, it } from 'vitest';
import { createTtlCache } from '../../../src/core/ttl-cache.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

describe('the TTL cache', () => {
  it('keeps a value until its time is over and says how long is left', async () => {
    const clock = createFakeClock();
    const cache = createTtlCache<number>({ clock, maxEntries: 10 });
    cache.set('a', 1, 100);
    await clock.advance(99);
    expect(cache.get('a')).toEqual({ value: 1, remainingMs: 1 });
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('drops the entry that was used longest ago when it is full', () => {
    const cache = createTtlCache<number>({ clock: createFakeClock(), maxEntries: 2 });
    cache.set('a', 1, 100);
    cache.set('b', 2, 100);
    cache.get('a');
    cache.set('c', 3, 100);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')?.value).toBe(1);
    expect(cache.get('c')?.value).toBe(3);
  });

  it('holds no more weight than it may, and refuses what alone is too heavy', () => {
    const cache = createTtlCache<string>({
      clock: createFakeClock(),
      maxEntries: 100,
      maxWeight: 10,
      weigh: (value) => value.length,
    });
    cache.set('a', 'xxxxxx', 100);
    cache.set('b', 'yyyyyy', 100);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.weight).toBe(6);
    cache.set('c', 'z'.repeat(11), 100);
    expect(cache.get('c')).toBeUndefined();
    expect(cache.get('b')?.value).toBe('yyyyyy');
    cache.set('b', 'y', 100);
    expect(cache.weight).toBe(1);
    cache.delete('b');
    expect(cache.weight).toBe(0);
  });

  it('forgets a key that is set with no time, and everything on clear', () => {
    const cache = createTtlCache<number>({ clock: createFakeClock(), maxEntries: 3 });
    cache.set('a', 1, 100);
    cache.set('a', 2, 0);
    expect(cache.get('a')).toBeUndefined();
    cache.set('b', 3, Number.NaN);
    expect(cache.get('b')).toBeUndefined();
    cache.set('c', 4, 100);
    cache.clear();
    expect(cache.size).toBe(0);
  });

  it('takes a new entry also when every other one is in use', () => {
    const cache = createTtlCache<number>({ clock: createFakeClock(), maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) cache.set(key, 0, 100);
    for (const key of ['a', 'b', 'c']) cache.get(key);
    cache.set('d', 1, 100);
    expect(cache.get('d')?.value).toBe(1);
    expect(cache.size).toBe(3);
    expect(cache.get('a')).toBeUndefined();
  });

  it('stays within its bound whatever is put in', () => {
    const cache = createTtlCache<number>({ clock: createFakeClock(), maxEntries: 50 });
    for (let key = 0; key < 5000; key++) cache.set(String(key), key, 1000);
    expect(cache.size).toBe(50);
  });
});

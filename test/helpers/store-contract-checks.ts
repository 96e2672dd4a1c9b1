/** The part of the Store contract that the checks rely on: greylist, rate counters, their bounds. */
import { describe, expect, it } from 'vitest';
import type { GreylistQuestion } from '../../src/queue/greylist.js';
import type { RateQuestion } from '../../src/queue/rate-window.js';
import type { Store } from '../../src/queue/store.js';
import { sampleEntry } from './queue-samples.js';
import { T0 } from './store-claims.js';
import type { StoreUnderTest } from './store-contract-operators.js';

/** Stores under this contract are opened with these bounds. */
export const SMALL_BOUNDS = { triplets: 40, networks: 20, rates: 20 } as const;

const RULES = { delayMs: 1000, retryWindowMs: 10_000, lifetimeMs: 100_000, networkAfter: 3 };

export function attempt(key: string, now: number, changes: Partial<GreylistQuestion> = {}): GreylistQuestion {
  return { key, network: '192.0.2.0/24', now, rules: RULES, ...changes };
}

export function rate(key: string, now: number, changes: Partial<RateQuestion> = {}): RateQuestion {
  return { key, limit: 3, windowMs: 60_000, cost: 1, now, ...changes };
}

async function statusOf(store: Store, ...question: Parameters<typeof attempt>): Promise<string> {
  return (await store.greylist(attempt(...question))).status;
}

async function isAllowed(store: Store, ...question: Parameters<typeof rate>): Promise<boolean> {
  return (await store.countRate(rate(...question))).allowed;
}

export function describeStoreChecks(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: greylist`, () => {
    it('lets a triplet wait, confirms it in its window, and forgets it when nobody comes', async () => {
      const { store } = await open();
      expect(await store.greylist(attempt('a', T0))).toEqual({ status: 'new', waitMs: 1000, firstSeen: T0 });
      const early = { status: 'early', waitMs: 1, firstSeen: T0 };
      expect(await store.greylist(attempt('a', T0 + 999))).toEqual(early);
      const passed = { status: 'passed', waitMs: 0, firstSeen: T0 };
      expect(await store.greylist(attempt('a', T0 + 1000))).toEqual(passed);
      expect(await store.greylist(attempt('a', T0 + 100_999))).toEqual(passed);
      expect(await statusOf(store, 'late', T0)).toBe('new');
      expect(await statusOf(store, 'late', T0 + 10_000)).toBe('new');
      expect(await statusOf(store, 'late', T0 + 11_000)).toBe('passed');
    });

    it('keeps a confirmed triplet as long as it is used', async () => {
      const { store } = await open();
      await store.greylist(attempt('a', T0));
      for (let at = T0 + 5000; at < T0 + 500_000; at += 90_000) {
        expect(await statusOf(store, 'a', at)).toBe('passed');
      }
      expect(await statusOf(store, 'a', T0 + 700_000)).toBe('new');
    });

    it('passes a whole network after enough of its triplets, and no other', async () => {
      const { store, reopen } = await open();
      for (const key of ['a', 'b', 'c', 'd']) await store.greylist(attempt(key, T0));
      for (const key of ['a', 'b']) expect(await statusOf(store, key, T0 + 2000)).toBe('passed');
      expect(await statusOf(store, 'a', T0 + 2000)).toBe('passed');
      expect(await statusOf(store, 'never seen', T0 + 2000)).toBe('new');
      expect(await statusOf(store, 'c', T0 + 2000)).toBe('passed');
      const again = await reopen();
      const whitelisted = { status: 'whitelisted', waitMs: 0, firstSeen: null };
      expect(await again.greylist(attempt('nobody knows me', T0 + 2000))).toEqual(whitelisted);
      const elsewhere = { network: '198.51.100.0/24' };
      expect(await statusOf(again, 'x', T0 + 2000, elsewhere)).toBe('new');
      const never = { rules: { ...RULES, networkAfter: 0 } };
      expect(await statusOf(again, 'y', T0 + 2000, never)).toBe('new');
      expect(await statusOf(again, 'z', T0 + 200_000)).toBe('new');
    });

    it('remembers over a restart', async () => {
      const { store, reopen } = await open();
      await store.greylist(attempt('a', T0));
      const again = await reopen();
      expect(await statusOf(again, 'a', T0 + 500)).toBe('early');
      expect(await statusOf(again, 'a', T0 + 1500)).toBe('passed');
    });

    it('starts anew when the first attempt lies in the future', async () => {
      const { store } = await open();
      await store.greylist(attempt('a', T0 + 1_000_000));
      expect(await store.greylist(attempt('a', T0))).toEqual({ status: 'new', waitMs: 1000, firstSeen: T0 });
      expect(await statusOf(store, 'a', T0 + 1000)).toBe('passed');
    });

    it('has one first attempt among many at once', async () => {
      const { store } = await open();
      const found = await Promise.all(Array.from({ length: 20 }, () => statusOf(store, 'a', T0)));
      expect(found.filter((status) => status === 'new')).toHaveLength(1);
      expect(new Set(found)).toEqual(new Set(['new', 'early']));
    });
  });

  describe(`${name}: rates`, () => {
    it('allows the limit and no more, also to calls at once', async () => {
      const { store } = await open();
      const found = await Promise.all(Array.from({ length: 30 }, () => isAllowed(store, 'k', T0)));
      expect(found.filter(Boolean)).toHaveLength(3);
      expect(await store.countRate(rate('k', T0 + 10_000))).toEqual({
        allowed: false,
        count: 3,
        resetMs: 50_000,
      });
    });

    it('counts on over a restart', async () => {
      const { store, reopen } = await open();
      for (const at of [T0, T0 + 1, T0 + 2]) await store.countRate(rate('k', at));
      const again = await reopen();
      expect(await isAllowed(again, 'k', T0 + 59_999)).toBe(false);
      expect(await isAllowed(again, 'k', T0 + 60_000)).toBe(true);
      expect(await isAllowed(again, 'k', T0 + 60_000)).toBe(false);
    });

    it('counts each key and each window by itself', async () => {
      const { store } = await open();
      for (let n = 0; n < 3; n += 1) await store.countRate(rate('k', T0));
      expect(await isAllowed(store, 'K', T0)).toBe(true);
      expect(await isAllowed(store, 'k', T0, { windowMs: 1000 })).toBe(true);
      expect(await isAllowed(store, 'k', T0)).toBe(false);
      expect(await isAllowed(store, 'k', T0, { limit: 4 })).toBe(true);
    });

    it('keeps a busy counter for years', async () => {
      const { store } = await open();
      for (let n = 0; n < 300; n += 1) await store.countRate(rate('k', T0 + n * 20_000));
      expect(await store.countRate(rate('k', T0 + 300 * 20_000 - 1))).toMatchObject({ count: 3 });
    });
  });

  describe(`${name}: bounds of the checks`, () => {
    it('gives up the oldest unconfirmed triplets before confirmed ones', async () => {
      const { store } = await open();
      const alone = (n: number) => ({ network: `n${n % 5}` });
      await store.greylist(attempt('good', T0, alone(0)));
      await store.greylist(attempt('good', T0 + 1000, alone(0)));
      for (let n = 0; n < 500; n += 1) {
        await store.greylist(attempt(`invented ${n}`, T0 + 1000 + n, alone(n)));
      }
      expect(await statusOf(store, 'good', T0 + 2000, alone(0))).toBe('passed');
      expect(await statusOf(store, 'invented 499', T0 + 2000, alone(4))).toBe('early');
      expect(await statusOf(store, 'invented 0', T0 + 2000, alone(0))).toBe('new');
    });

    it('keeps room for newcomers beside confirmed triplets', async () => {
      const { store } = await open();
      const { triplets } = SMALL_BOUNDS;
      const never = { rules: { ...RULES, networkAfter: 0 } };
      for (let n = 0; n < triplets; n += 1) {
        await store.greylist(attempt(`old ${n}`, T0 + n, never));
        expect(await statusOf(store, `old ${n}`, T0 + 1000 + n, never)).toBe('passed');
      }
      // A quarter of the places, each waiting while the rest comes, again and again.
      for (let round = 1; round < 20; round += 1) {
        const keys = Array.from({ length: triplets / 4 }, (_, n) => `new ${round} ${n}`);
        const at = T0 + round * 2000;
        for (const key of keys) expect(await statusOf(store, key, at, never)).toBe('new');
        for (const key of keys) expect(await statusOf(store, key, at + 1000, never)).toBe('passed');
      }
    });

    it('keeps no more rows than it may', async () => {
      const { store } = await open();
      for (let n = 0; n < 100; n += 1) {
        const elsewhere = { network: `network ${n}` };
        await store.greylist(attempt(`t${n}`, T0 + n, elsewhere));
        await store.greylist(attempt(`t${n}`, T0 + n + 1000, elsewhere));
        await store.countRate(rate(`k${n}`, T0 + n));
      }
      const { triplets, networks, rates } = SMALL_BOUNDS;
      let left = 0;
      for (let removed = -1; removed !== 0; left += removed) {
        removed = await store.sweepChecks(T0 + 1_000_000, 7);
        expect(removed).toBeLessThanOrEqual(3 * 7);
      }
      expect(left).toBeGreaterThan((triplets + networks + rates) / 2);
      expect(left).toBeLessThanOrEqual(triplets + networks + rates);
    });

    it('sweeps what has expired and nothing else', async () => {
      const { store } = await open();
      await store.greylist(attempt('gone', T0));
      await store.greylist(attempt('here', T0 + 9000));
      await store.countRate(rate('gone', T0, { windowMs: 1000 }));
      await store.countRate(rate('here', T0));
      expect(await store.sweepChecks(T0 + 10_000, 100)).toBe(2);
      expect(await store.sweepChecks(T0 + 10_000, 100)).toBe(0);
      expect(await statusOf(store, 'here', T0 + 10_000)).toBe('passed');
      expect(await store.countRate(rate('here', T0 + 10_000))).toMatchObject({ count: 2 });
    });

    it('sweeps no more triplets at once than it is told, confirmed or not', async () => {
      const { store } = await open();
      for (const key of ['a', 'b', 'c']) await store.greylist(attempt(key, T0));
      for (const key of ['a', 'b', 'c']) await store.greylist(attempt(key, T0 + 1000));
      for (const key of ['d', 'e']) await store.greylist(attempt(key, T0, { network: 'elsewhere' }));
      const rows = [3, 2, 1, 0];
      // The network that they have confirmed goes with the first.
      for (const left of rows) expect(await store.sweepChecks(T0 + 1_000_000, 2)).toBe(left);
    });

    it('takes no part in what the queue holds', async () => {
      const { store } = await open();
      await Promise.all([
        store.put(sampleEntry(1)),
        store.greylist(attempt('a', T0)),
        store.countRate(rate('k', T0)),
      ]);
      expect(await store.count()).toEqual({ waiting: 1, 'in-flight': 0, held: 0, parked: 0 });
    });
  });
}

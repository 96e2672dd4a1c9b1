/** The second half of the Store contract: operators, crashes, settings and closing. */
import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/queue/store.js';
import { sampleEntry, sampleId } from './queue-samples.js';
import { claimAll, claimOne, LEASE_MS, T0 } from './store-claims.js';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it left. */
  reopen(): Promise<Store>;
}

export function describeStoreOperators(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: operators`, () => {
    it('holds and releases', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      await store.put(sampleEntry(2, { hold: true }));
      expect(await store.hold([sampleId(1), sampleId(2), sampleId(3)], true)).toBe(1);
      expect(await store.count()).toEqual({ waiting: 0, 'in-flight': 0, held: 2, parked: 0 });
      expect(await claimAll(store)).toHaveLength(0);
      expect(await store.get(sampleId(2))).toMatchObject({ entry: { hold: true } });
      expect(await store.hold([sampleId(1), sampleId(2)], false)).toBe(2);
      expect(await claimAll(store)).toHaveLength(2);
    });

    it('lets an attempt under way end before a hold takes effect', async () => {
      const { store } = await open();
      for (const n of [1, 2]) await store.put(sampleEntry(n));
      const [one, two] = await claimAll(store);
      if (!one || !two) throw new Error('two were put');
      expect(await store.hold([sampleId(1), sampleId(2)], true)).toBe(2);
      expect(await store.count()).toMatchObject({ 'in-flight': 2, held: 0 });
      await store.settle([
        { lease: one.lease, outcome: { kind: 'retry', due: T0, recipients: one.entry.recipients } },
      ]);
      await store.release([two.lease], T0);
      expect(await store.count()).toMatchObject({ 'in-flight': 0, held: 2 });
    });

    it('holds an entry also when the attempt under way never says how it ended', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const { lease } = await claimOne(store);
      await store.hold([sampleId(1)], true);
      expect(await claimAll(store, T0 + LEASE_MS * 2)).toHaveLength(0);
      expect(await store.count()).toMatchObject({ 'in-flight': 0, held: 1 });
      expect(await store.settle([{ lease, outcome: { kind: 'done' } }])).toEqual(['lost']);
      await store.hold([sampleId(1)], false);
      expect(await claimAll(store, T0 + LEASE_MS * 2)).toHaveLength(1);
    });

    it('parks once and says whether there was anything to park', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const { lease } = await claimOne(store);
      expect(await store.park(sampleId(1), 'broken', T0)).toBe(true);
      expect(await store.park(sampleId(1), 'again', T0)).toBe(false);
      expect(await store.park(sampleId(2), 'nobody', T0)).toBe(false);
      expect(await store.settle([{ lease, outcome: { kind: 'done' } }])).toEqual(['lost']);
      expect(await claimAll(store, T0 + LEASE_MS * 2)).toHaveLength(0);
    });

    it('removes, and says what was there', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      expect(await store.remove([sampleId(1), sampleId(2)])).toEqual([sampleId(1)]);
      expect(await store.get(sampleId(1))).toEqual({ status: 'none' });
    });

    it('lists in pages, by state and by sender', async () => {
      const { store } = await open();
      for (let n = 1; n <= 5; n += 1) {
        await store.put(sampleEntry(n, { sender: n % 2 === 0 ? 'even@example.org' : '', hold: n === 5 }));
      }
      const all = await store.list({});
      const ids = all.map(({ queueId }) => queueId);
      expect(ids).toEqual([...ids].sort());
      expect(ids).toHaveLength(5);
      const first = await store.list({ limit: 2 });
      const rest = await store.list({ after: first.at(-1)?.queueId ?? '' });
      expect([...first, ...rest].map(({ queueId }) => queueId)).toEqual(ids);
      expect(await store.list({ sender: 'even@example.org' })).toHaveLength(2);
      expect(await store.list({ sender: '', state: 'waiting' })).toHaveLength(2);
      expect(await store.list({ state: 'held' })).toHaveLength(1);
    });
  });

  describe(`${name}: after a crash`, () => {
    it('ends the leases of the dead', async () => {
      const { store } = await open();
      for (const n of [1, 2, 3]) await store.put(sampleEntry(n));
      await claimOne(store, T0, 'dead');
      expect(await store.recoverLeases('new', T0)).toEqual({ released: 1, parked: [] });
      await store.hold([sampleId(2)], true);
      const claimed = await claimAll(store, T0, 'dead-too');
      expect(claimed).toHaveLength(2);
      await store.hold([sampleId(3)], true);
      expect(await store.recoverLeases('newer', T0)).toEqual({ released: 2, parked: [] });
      expect(await store.count()).toEqual({ waiting: 1, 'in-flight': 0, held: 2, parked: 0 });
    });

    it('lets suspects start one by one, and parks only what is there at each crash', async () => {
      const { store } = await open();
      for (const n of [1, 2, 3]) await store.put(sampleEntry(n));
      for (const [at, owner] of [
        [T0, 'dead'],
        [T0 + 10, 'dead-too'],
      ] as const) {
        expect(await claimAll(store, at, owner)).toHaveLength(3);
        expect(await store.recoverLeases('new', at)).toEqual({ released: 3, parked: [] });
      }
      const [innocent, another] = await claimAll(store, T0 + 10, 'a');
      expect([innocent?.entry.queueId, another]).toEqual([sampleId(1), undefined]);
      if (innocent) await store.settle([{ lease: innocent.lease, outcome: { kind: 'done' } }]);
      const later = T0 + 1010;
      for (const crash of [3, 4, 5]) {
        const taken = await claimAll(store, later, `dead ${crash}`);
        expect(taken.map(({ entry }) => entry.queueId)).toEqual([sampleId(2)]);
        const parked = crash === 5 ? [sampleId(2)] : [];
        expect(await store.recoverLeases('newer', later)).toEqual({ released: 1 - parked.length, parked });
      }
      const [last] = await claimAll(store, later + 1000);
      expect(last?.entry.queueId).toBe(sampleId(3));
    });

    it('forgets an earlier crash when an attempt ended in order', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      await claimOne(store, T0, 'dead');
      await store.recoverLeases('b', T0);
      const { entry, lease } = await claimOne(store, T0, 'b');
      await store.settle([{ lease, outcome: { kind: 'retry', due: T0, recipients: entry.recipients } }]);
      await claimOne(store, T0, 'b');
      expect(await store.recoverLeases('c', T0)).toEqual({ released: 1, parked: [] });
    });

    it('leaves its own leases alone', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      await claimOne(store, T0, 'me');
      expect(await store.recoverLeases('me', T0)).toEqual({ released: 0, parked: [] });
      expect(await claimAll(store)).toHaveLength(0);
    });
  });

  describe(`${name}: settings and closing`, () => {
    it('keeps settings with versions', async () => {
      const { store, reopen } = await open();
      expect(await store.getSetting('k')).toBeUndefined();
      expect(await store.setSetting('k', { a: [1, null] }, 0)).toEqual({ status: 'stored', version: 1 });
      expect(await store.setSetting('k', 'x', 0)).toEqual({ status: 'conflict', version: 1 });
      expect(await store.setSetting('k', 'y', 1)).toEqual({ status: 'stored', version: 2 });
      expect(await store.setSetting('k', 'z')).toEqual({ status: 'stored', version: 3 });
      expect(await (await reopen()).getSetting('k')).toEqual({ value: 'z', version: 3 });
    });

    it('answers what was asked before it closes, and nothing after', async () => {
      const { store } = await open();
      const puts = [1, 2, 3].map((n) => store.put(sampleEntry(n)));
      const closing = store.close();
      await expect(Promise.all(puts)).resolves.toBeDefined();
      await closing;
      await expect(store.put(sampleEntry(4))).rejects.toMatchObject({ code: 'ERR_QUEUE_CLOSED' });
      await expect(store.count()).rejects.toMatchObject({ code: 'ERR_QUEUE_CLOSED' });
      await expect(store.close()).resolves.toBeUndefined();
    });
  });
}

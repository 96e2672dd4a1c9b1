/**
 * What every implementation of the Store port must do. An implementation's own test calls
 * `describeStore` with a way to open a fresh store and to open the same one again.
 */
import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../src/message/body.js';
import { newRecipient } from '../../src/queue/entry.js';
import type { ClaimedEntry, Store } from '../../src/queue/store.js';
import { octetsOf, sampleEntry, sampleId } from './queue-samples.js';

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it left. */
  reopen(): Promise<Store>;
}

const T0 = sampleEntry(0).receivedAt;
const LEASE_MS = 60_000;

async function claimAll(store: Store, now = T0, owner = 'a'): Promise<readonly ClaimedEntry[]> {
  return (await store.claim({ now, limit: 100, owner, leaseMs: LEASE_MS })).claimed;
}

async function claimOne(store: Store, now = T0, owner = 'a'): Promise<ClaimedEntry> {
  const [claimed] = (await store.claim({ now, limit: 1, owner, leaseMs: LEASE_MS })).claimed;
  if (!claimed) throw new Error('nothing to claim');
  return claimed;
}

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: put and get`, () => {
    it('gives back what was put, over a restart too', async () => {
      const { store, reopen } = await open();
      const entry = sampleEntry(1, {
        sender: '',
        recipients: [
          newRecipient('jürgen', 'example.com', { notify: 'NEVER' }),
          newRecipient('x', 'y.example'),
        ],
        body: memoryBody(Buffer.from([0, 255, 13, 10, 128])),
        notBefore: T0 + 5,
      });
      await store.put(entry);
      const again = await reopen();
      const found = await again.get(entry.queueId);
      expect(found.status).toBe('found');
      if (found.status !== 'found') return;
      const { body, ...rest } = found.entry;
      const { body: originalBody, ...originalRest } = entry;
      expect(rest).toEqual(originalRest);
      expect(await octetsOf(body)).toEqual(await octetsOf(originalBody));
    });

    it('keeps an empty body', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1, { body: memoryBody(Buffer.alloc(0)) }));
      const { entry } = await claimOne(store);
      expect(entry.body.size).toBe(0);
      expect(await octetsOf(entry.body)).toEqual(Buffer.alloc(0));
    });

    it('refuses an id twice and keeps the first', async () => {
      const { store } = await open();
      const results = await Promise.allSettled([
        store.put(sampleEntry(1, { sender: 'first@example.org' })),
        store.put(sampleEntry(1, { sender: 'second@example.org' })),
        store.put(sampleEntry(2)),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      await expect(store.put(sampleEntry(1))).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
      expect((await store.list({})).map(({ sender }) => sender)).toEqual([
        'first@example.org',
        'sender@example.org',
      ]);
    });

    it('knows nothing of an id that was not put', async () => {
      const { store } = await open();
      expect(await store.get(sampleId(1))).toEqual({ status: 'none' });
    });
  });

  describe(`${name}: claims`, () => {
    it('gives each entry to exactly one of many claimers', async () => {
      const { store } = await open();
      await Promise.all(Array.from({ length: 40 }, (_, n) => store.put(sampleEntry(n))));
      const rounds = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          store.claim({ now: T0, limit: 5, owner: `o${n}`, leaseMs: LEASE_MS }),
        ),
      );
      const ids = rounds.flatMap(({ claimed }) => claimed.map(({ entry }) => entry.queueId));
      expect(ids).toHaveLength(40);
      expect(new Set(ids).size).toBe(40);
    });

    it('gives the longest due first, nothing before its time, and says when to come again', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1, { receivedAt: T0 + 2 }));
      await store.put(sampleEntry(2, { receivedAt: T0 + 1 }));
      await store.put(sampleEntry(3, { receivedAt: T0 + 1, notBefore: T0 + 50 }));
      const first = await store.claim({ now: T0 + 10, limit: 1, owner: 'a', leaseMs: LEASE_MS });
      expect(first.claimed.map(({ entry }) => entry.queueId)).toEqual([sampleId(2)]);
      expect(first.nextDue).toBe(T0 + 2);
      const second = await store.claim({ now: T0 + 10, limit: 9, owner: 'a', leaseMs: LEASE_MS });
      expect(second.claimed.map(({ entry }) => entry.queueId)).toEqual([sampleId(1)]);
      expect(second.nextDue).toBe(T0 + 50);
    });

    it('says that nothing waits', async () => {
      const { store } = await open();
      expect(await store.claim({ now: T0, limit: 9, owner: 'a', leaseMs: 1 })).toEqual({
        claimed: [],
        damaged: [],
        nextDue: undefined,
      });
    });

    it('gives an entry to another owner only when the lease has ended', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const mine = await claimOne(store);
      expect(await claimAll(store, T0 + LEASE_MS - 1, 'b')).toHaveLength(0);
      const [theirs] = await claimAll(store, T0 + LEASE_MS, 'b');
      expect(theirs?.lease.fence).toBe(mine.lease.fence + 1);
      expect(await store.settle([{ lease: mine.lease, outcome: { kind: 'done' } }])).toEqual(['lost']);
      if (theirs)
        expect(await store.settle([{ lease: theirs.lease, outcome: { kind: 'done' } }])).toEqual(['settled']);
    });

    it('refuses the result of an older claim of the same owner', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const first = await claimOne(store);
      const second = await claimOne(store, T0 + LEASE_MS);
      expect(await store.settle([{ lease: first.lease, outcome: { kind: 'done' } }])).toEqual(['lost']);
      expect(second.lease.fence).toBeGreaterThan(first.lease.fence);
      expect(await store.get(sampleId(1))).toMatchObject({
        status: 'found',
        summary: { state: 'in-flight' },
      });
    });
  });

  describe(`${name}: results`, () => {
    it('removes what is done, keeps what is to be retried, sets aside what is parked', async () => {
      const { store, reopen } = await open();
      for (const n of [1, 2, 3]) await store.put(sampleEntry(n));
      const claimed = await claimAll(store);
      const later = claimed.map(({ entry }) =>
        entry.recipients.map((r) => ({
          ...r,
          state: 'deferred' as const,
          attempts: 1,
          nextAttemptAt: T0 + 99,
        })),
      );
      const [a, b, c] = claimed;
      if (!a || !b || !c) throw new Error('three were put');
      expect(
        await store.settle([
          { lease: a.lease, outcome: { kind: 'done' } },
          { lease: b.lease, outcome: { kind: 'retry', due: T0 + 99, recipients: later[1] ?? [] } },
          { lease: c.lease, outcome: { kind: 'park', at: T0 + 1, reason: 'no', recipients: later[2] ?? [] } },
        ]),
      ).toEqual(['settled', 'settled', 'settled']);
      const again = await reopen();
      expect(await again.count()).toEqual({ waiting: 1, 'in-flight': 0, held: 0, parked: 1 });
      expect(await claimAll(again, T0 + 98)).toHaveLength(0);
      const retried = await claimOne(again, T0 + 99);
      expect(retried.entry.recipients).toEqual(later[1]);
      expect((await again.list({ state: 'parked' }))[0]).toMatchObject({ reason: 'no', at: T0 + 1 });
    });

    it('takes an entry back untouched', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const { lease } = await claimOne(store);
      await store.release([{ ...lease, fence: lease.fence + 1 }], T0);
      expect(await claimAll(store)).toHaveLength(0);
      await store.release([lease], T0 + 5);
      expect(await claimAll(store, T0 + 4)).toHaveLength(0);
      expect(await claimAll(store, T0 + 5)).toHaveLength(1);
    });

    it('reschedules what waits or is parked, and only as it was read', async () => {
      const { store } = await open();
      await store.put(sampleEntry(1));
      const recipients = [newRecipient('other', 'example.com')];
      const change = { queueId: sampleId(1), fence: 0, due: T0 + 7, recipients };
      expect(await store.reschedule({ ...change, fence: 3 })).toBe(false);
      expect(await store.reschedule(change)).toBe(true);
      expect(await claimAll(store, T0 + 6)).toHaveLength(0);
      const { entry, lease } = await claimOne(store, T0 + 7);
      expect(entry.recipients).toEqual(recipients);
      expect(await store.reschedule({ ...change, fence: lease.fence })).toBe(false);
      await store.park(sampleId(1), 'set aside', T0);
      expect(await store.reschedule({ ...change, fence: lease.fence })).toBe(true);
      expect(await store.settle([{ lease: { ...lease, owner: 'a' }, outcome: { kind: 'done' } }])).toEqual([
        'lost',
      ]);
    });
  });

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
    it('ends the leases of the dead, and parks what was in flight twice', async () => {
      const { store } = await open();
      for (const n of [1, 2, 3]) await store.put(sampleEntry(n));
      await claimOne(store, T0, 'dead');
      expect(await store.recoverLeases('new', T0)).toEqual({ released: 1, parked: [] });
      await store.hold([sampleId(2)], true);
      const claimed = await claimAll(store, T0, 'dead-too');
      expect(claimed).toHaveLength(2);
      await store.hold([sampleId(3)], true);
      const recovered = await store.recoverLeases('newer', T0);
      expect(recovered).toEqual({ released: 1, parked: [sampleId(1)] });
      expect(await store.count()).toEqual({ waiting: 0, 'in-flight': 0, held: 2, parked: 1 });
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

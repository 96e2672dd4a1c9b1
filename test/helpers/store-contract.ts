/**
 * What every implementation of the Store port must do. An implementation's own test calls
 * `describeStore` with a way to open a fresh store, with SMALL_BOUNDS for the checks, and to open the
 * same one again.
 */
import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../src/message/body.js';
import { newRecipient } from '../../src/queue/entry.js';
import { octetsOf, sampleEntry, sampleId } from './queue-samples.js';
import { claimAll, claimOne, LEASE_MS, T0 } from './store-claims.js';
import { describeStoreChecks } from './store-contract-checks.js';
import { describeStoreOperators, type StoreUnderTest } from './store-contract-operators.js';

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

  describeStoreOperators(name, open);
  describeStoreChecks(name, open);
}

import { describe, expect, it, vi } from 'vitest';
import { createBatcher } from '../../../../src/queue/sqlite/batcher.js';
import type { Channel } from '../../../../src/queue/sqlite/channel.js';
import type { Answer, BatchReply, Request } from '../../../../src/queue/sqlite/protocol.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';

const OK: Answer = { status: 'ok', value: null, blobs: [] };

function request(bytes = 0): Request<'put'> {
  const args = { queueId: 'x', held: false, sender: '', receivedAt: 1, size: 1, due: 1, bodyInFile: false };
  return { name: 'put', arguments: args, blobs: [new Uint8Array(bytes)] };
}

interface Sent {
  readonly batch: readonly Request[];
  reply(changes?: Partial<BatchReply>): void;
  die(error: unknown): void;
}

function setUp() {
  const clock = createFakeClock();
  const sent: Sent[] = [];
  const closes = vi.fn();
  const onTrouble = vi.fn();
  const open = vi.fn(
    (): Channel => ({
      send: (batch) =>
        new Promise((resolve, reject) => {
          sent.push({
            batch,
            reply: (changes) => {
              resolve({ answers: batch.map(() => OK), broken: false, ...changes });
            },
            die: reject,
          });
        }),
      async close() {
        closes();
      },
    }),
  );
  const batcher = createBatcher({ open, clock, onTrouble });
  return { clock, sent, closes, onTrouble, open, batcher };
}

describe('createBatcher', () => {
  it('sends what is asked in one turn as one batch', async () => {
    const { sent, batcher, clock } = setUp();
    const all = Promise.all([1, 2, 3].map(() => batcher.submit(request())));
    await clock.settle();
    expect(sent.map(({ batch }) => batch.length)).toEqual([3]);
    sent[0]?.reply();
    await all;
  });

  it('gathers what comes while a batch is under way into the next one', async () => {
    const { sent, batcher, clock } = setUp();
    const first = batcher.submit(request());
    await clock.settle();
    const others = Promise.all(Array.from({ length: 20 }, () => batcher.submit(request())));
    await clock.settle();
    expect(sent).toHaveLength(1);
    sent[0]?.reply();
    await first;
    await clock.settle();
    expect(sent.map(({ batch }) => batch.length)).toEqual([1, 20]);
    sent[1]?.reply();
    await others;
  });

  it('bounds a batch in number and in octets', async () => {
    const { sent, batcher, clock } = setUp();
    const many = Array.from({ length: 600 }, () => batcher.submit(request()));
    const large = [5, 5, 9].map((mib) => batcher.submit(request(mib * 1024 * 1024)));
    for (let i = 0; i < 5; i += 1) {
      await clock.settle();
      sent[i]?.reply();
    }
    await Promise.all([...many, ...large]);
    expect(sent.map(({ batch }) => batch.length)).toEqual([512, 89, 1, 1]);
  });

  it('tells everybody who waits when the far end dies, refuses for a moment, then opens anew', async () => {
    const { sent, batcher, clock, open, onTrouble, closes } = setUp();
    const first = batcher.submit(request());
    await clock.settle();
    const second = batcher.submit(request());
    sent[0]?.die(new Error('gone'));
    await expect(first).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE', detail: { stored: 'unknown' } });
    await expect(second).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    expect(onTrouble).toHaveBeenCalledTimes(1);
    expect(closes).toHaveBeenCalledTimes(1);
    await expect(batcher.submit(request())).rejects.toMatchObject({ detail: { stored: 'no' } });
    expect(open).toHaveBeenCalledTimes(1);

    await clock.advance(100);
    const third = batcher.submit(request());
    await clock.settle();
    expect(open).toHaveBeenCalledTimes(2);
    sent[1]?.die('not even an error');
    await expect(third).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    await clock.advance(100);
    await expect(batcher.submit(request())).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    await clock.advance(100);
    const fourth = batcher.submit(request());
    await clock.settle();
    sent[2]?.reply();
    await expect(fourth).resolves.toBeDefined();
  });

  it('opens a new handle when the database says that this one is broken', async () => {
    const { sent, batcher, clock, open, closes } = setUp();
    const first = batcher.submit(request());
    await clock.settle();
    sent[0]?.reply({ answers: [{ status: 'fault', kind: 'failed', reason: 'fsync' }], broken: true });
    await expect(first).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE', detail: { reason: 'fsync' } });
    await clock.settle();
    expect(closes).toHaveBeenCalledTimes(1);
    await clock.advance(100);
    const second = batcher.submit(request());
    await clock.settle();
    sent[1]?.reply();
    await second;
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('reports a full disk as such, and a missing answer as a fault', async () => {
    const { sent, batcher, clock } = setUp();
    const full = batcher.submit(request());
    await clock.settle();
    sent[0]?.reply({ answers: [{ status: 'fault', kind: 'full', reason: 'disk' }] });
    await expect(full).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL', detail: { stored: 'no' } });
    const missing = batcher.submit(request());
    await clock.settle();
    sent[1]?.reply({ answers: [] });
    await expect(missing).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
  });

  it('survives a channel that cannot be opened', async () => {
    const clock = createFakeClock();
    const batcher = createBatcher({
      clock,
      onTrouble: vi.fn(),
      open: () => {
        throw new Error('no threads left');
      },
    });
    await expect(batcher.submit(request())).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    await batcher.close();
    await expect(batcher.submit(request())).rejects.toMatchObject({ code: 'ERR_QUEUE_CLOSED' });
  });
});

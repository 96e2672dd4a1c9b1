import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { delivered, dispatching } from '../../helpers/dispatch.js';
import { sampleId } from '../../helpers/queue-samples.js';

describe('attempt', () => {
  it('takes a throw and silence as deferrals, and goes on', async () => {
    const { dispatcher, accept, quiet, record, queue } = await dispatching((entry) => {
      if (entry.queueId === sampleId(1)) throw new Error('thrown at once');
      return entry.queueId === sampleId(2) ? Promise.reject(new Error('rejected')) : Promise.resolve([]);
    });
    for (const n of [1, 2, 3]) await accept(n);
    dispatcher.start();
    await quiet();
    expect(
      record
        .of('recipient.deferred')
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['rejected', 'the transport gave no result', 'thrown at once']);
    expect(await queue.count()).toMatchObject({ waiting: 3 });
    await dispatcher.stop();
  });

  it('parks what failed for good, with the reason', async () => {
    const { dispatcher, accept, quiet, record, queue } = await dispatching(async (_e, recipients) =>
      recipients.map(({ address }) => ({ status: 'failed', address, reason: 'no such user' })),
    );
    await accept(1);
    dispatcher.start();
    await quiet();
    expect(record.of('recipient.failed')).toMatchObject([{ reason: 'no such user' }]);
    expect(await queue.list({ state: 'parked' })).toMatchObject([
      { reason: 'could not be delivered: user@example.com: no such user' },
    ]);
    await dispatcher.stop();
  });

  it('parks a damaged body at once', async () => {
    const { dispatcher, accept, quiet, record, queue } = await dispatching(async () => {
      throw new QueueError('ERR_QUEUE_CORRUPT', { detail: { queueId: 'x', reason: 'y' } });
    });
    await accept(1);
    dispatcher.start();
    await quiet();
    expect(await queue.count()).toMatchObject({ parked: 1 });
    expect(record.of('queue.trouble')).toHaveLength(1);
    await dispatcher.stop();
  });

  it('ends an attempt that takes too long, whatever the transport does', async () => {
    let aborted = false;
    const { dispatcher, accept, quiet, record, clock } = await dispatching(
      (_e, _r, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
      { attemptMs: 1000 },
    );
    await accept(1);
    dispatcher.start();
    await quiet();
    await clock.advance(1000);
    await quiet();
    expect(aborted).toBe(true);
    expect(record.of('recipient.deferred')).toMatchObject([{ reason: 'the attempt took too long' }]);
    await dispatcher.stop();
  });

  it('keeps what was reported when the attempt takes too long', async () => {
    const { dispatcher, accept, quiet, record, clock, queue } = await dispatching(
      (_e, [first], _s, report) => {
        report({ status: 'delivered', address: first?.address ?? '', transport: 'next', reply: '250 ok' });
        return new Promise(() => undefined);
      },
      { attemptMs: 1000 },
    );
    await accept(1, { recipients: [newRecipient('a', 'example.com'), newRecipient('b', 'example.com')] });
    dispatcher.start();
    await quiet();
    await clock.advance(1000);
    await quiet();
    expect(record.of('recipient.delivered')).toEqual([
      { queueId: sampleId(1), recipient: 'a@example.com', transport: 'next', reply: '250 ok' },
    ]);
    expect(record.of('recipient.deferred')).toMatchObject([{ recipient: 'b@example.com' }]);
    const [stored] = await queue.list();
    expect(stored?.recipients).toMatchObject([{ state: 'delivered' }, { state: 'deferred', attempts: 1 }]);
    await dispatcher.stop();
  });

  it('keeps what was reported when the process stops, and counts no attempt for the others', async () => {
    const { dispatcher, accept, quiet, record, clock, queue } = await dispatching(
      (_e, [first], _s, report) => {
        report({ status: 'delivered', address: first?.address ?? '' });
        return new Promise(() => undefined);
      },
      { stopMs: 100 },
    );
    await accept(1, { recipients: [newRecipient('a', 'example.com'), newRecipient('b', 'example.com')] });
    dispatcher.start();
    await quiet();
    const stopped = dispatcher.stop();
    await quiet();
    await clock.advance(100);
    await stopped;
    expect(record.seen).toMatchObject([
      { name: 'recipient.delivered', body: { recipient: 'a@example.com' } },
    ]);
    const [stored] = await queue.list({ state: 'waiting' });
    expect(stored?.recipients).toMatchObject([{ state: 'delivered' }, { state: 'queued', attempts: 0 }]);
  });

  it('keeps what was reported before a body turned out damaged', async () => {
    const { dispatcher, accept, quiet, queue } = await dispatching(async (_e, [first], _s, report) => {
      report({ status: 'delivered', address: first?.address ?? '' });
      throw new QueueError('ERR_QUEUE_CORRUPT', { detail: { queueId: 'x', reason: 'y' } });
    });
    await accept(1, { recipients: [newRecipient('a', 'example.com'), newRecipient('b', 'example.com')] });
    dispatcher.start();
    await quiet();
    const [stored] = await queue.list({ state: 'parked' });
    expect(stored?.recipients).toMatchObject([{ state: 'delivered' }, { state: 'queued' }]);
    await dispatcher.stop();
  });

  it('records nothing when the lease was lost', async () => {
    const box: { finish?: () => void } = {};
    const { dispatcher, accept, quiet, record, queue } = await dispatching(async (_e, recipients) => {
      await new Promise<void>((resolve) => {
        box.finish = resolve;
      });
      return delivered(recipients);
    });
    await accept(1);
    dispatcher.start();
    await quiet();
    await queue.remove([sampleId(1)]);
    box.finish?.();
    await quiet();
    expect(record.seen).toEqual([]);
    await dispatcher.stop();
  });
});

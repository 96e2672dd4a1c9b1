import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
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

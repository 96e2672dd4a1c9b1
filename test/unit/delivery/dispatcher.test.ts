import { describe, expect, it, vi } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
import { type Logger, silentLogger } from '../../../src/core/log.js';
import { createDispatcher } from '../../../src/delivery/dispatcher.js';
import type { RecipientResult } from '../../../src/delivery/transport.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { deferred, delivered, dispatching } from '../../helpers/dispatch.js';
import { sampleEntry, sampleId } from '../../helpers/queue-samples.js';

describe('createDispatcher', () => {
  it('delivers what is there at the start and what comes later, without any timer', async () => {
    const { dispatcher, accept, quiet, record, queue, clock } = await dispatching(async (_e, recipients) =>
      delivered(recipients),
    );
    // The queue has timers of its own.
    const before = clock.pending();
    await accept(1);
    dispatcher.start();
    dispatcher.start();
    await quiet();
    await accept(2);
    await quiet();
    expect(record.of('recipient.delivered')).toEqual([
      { queueId: sampleId(1), recipient: 'user@example.com', transport: 'test' },
      { queueId: sampleId(2), recipient: 'user@example.com', transport: 'test' },
    ]);
    expect(await queue.list()).toEqual([]);
    expect(clock.elapsed()).toBe(0);
    await dispatcher.stop();
    expect(clock.pending()).toBe(before);
  });

  it('keeps the number of attempts under way', async () => {
    let most = 0;
    let now = 0;
    const gate: (() => void)[] = [];
    const { dispatcher, accept, quiet, record } = await dispatching(
      async (_e, recipients) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise<void>((resolve) => {
          gate.push(resolve);
        });
        now -= 1;
        return delivered(recipients);
      },
      { concurrency: 3 },
    );
    for (let n = 0; n < 8; n += 1) await accept(n);
    dispatcher.start();
    for (let done = 0; done < 8; done += 1) {
      await quiet();
      gate.shift()?.();
    }
    await quiet();
    expect(most).toBe(3);
    expect(record.of('recipient.delivered')).toHaveLength(8);
    await dispatcher.stop();
  });

  it('tries a deferred recipient again when its time has come, and only that one', async () => {
    let fail = true;
    const { dispatcher, accept, quiet, record, spy, clock } = await dispatching(
      async (_e, [first, ...others]) => [
        ...(first ? (fail ? deferred([first], 'busy') : delivered([first])) : []),
        ...delivered(others),
      ],
    );
    await accept(1, { recipients: [newRecipient('a', 'example.com'), newRecipient('b', 'example.com')] });
    dispatcher.start();
    await quiet();
    expect(record.of('recipient.delivered').map(({ recipient }) => recipient)).toEqual(['b@example.com']);
    const [first] = record.of('recipient.deferred');
    expect(first).toMatchObject({ recipient: 'a@example.com', reason: 'busy' });
    expect(first?.retryInMs).toBeGreaterThanOrEqual(270_000);
    fail = false;
    await clock.advance((first?.retryInMs ?? 0) - 1);
    expect(spy).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await quiet();
    expect(spy.mock.calls[1]?.[1].map(({ address }) => address)).toEqual(['a@example.com']);
    expect(record.of('recipient.delivered')).toHaveLength(2);
    await dispatcher.stop();
  });

  it('waits for notBefore', async () => {
    const { dispatcher, accept, quiet, tried, clock } = await dispatching(async (_e, recipients) =>
      delivered(recipients),
    );
    await accept(1, { notBefore: clock.now() + 5000 });
    dispatcher.start();
    await quiet();
    expect(tried()).toEqual([]);
    await clock.advance(5000);
    await quiet();
    expect(tried()).toEqual([sampleId(1)]);
    await dispatcher.stop();
  });

  it('waits for attempts when it stops, and takes nothing new', async () => {
    const box: { finish?: () => void } = {};
    const { dispatcher, accept, quiet, record, tried } = await dispatching(async (_e, recipients) => {
      await new Promise<void>((resolve) => {
        box.finish = resolve;
      });
      return delivered(recipients);
    });
    await accept(1);
    dispatcher.start();
    await quiet();
    const stopped = dispatcher.stop();
    await accept(2);
    dispatcher.wake();
    await quiet();
    box.finish?.();
    await stopped;
    expect(record.of('recipient.delivered')).toHaveLength(1);
    expect(tried()).toEqual([sampleId(1)]);
    dispatcher.start();
    await quiet();
    expect(tried()).toEqual([sampleId(1)]);
  });

  it('gives back what does not end in time', async () => {
    const box: { finish?: (results: RecipientResult[]) => void } = {};
    const { dispatcher, accept, quiet, record, queue, clock } = await dispatching(
      () =>
        new Promise((resolve) => {
          box.finish = resolve;
        }),
      { stopMs: 100 },
    );
    await accept(1);
    dispatcher.start();
    await quiet();
    const stopped = dispatcher.stop();
    await quiet();
    await clock.advance(100);
    await stopped;
    expect(await queue.count()).toMatchObject({ waiting: 1, 'in-flight': 0 });
    box.finish?.([{ status: 'delivered', address: 'user@example.com' }]);
    await quiet();
    expect(record.seen).toEqual([]);
    expect(await queue.count()).toMatchObject({ waiting: 1 });
  });

  it('comes back after trouble with the queue', async () => {
    const error = vi.fn();
    const log: Logger = { ...silentLogger, error };
    const { clock, queue, record } = await dispatching(async () => []);
    const failing = { claim: true, settle: true };
    const dispatcher = createDispatcher({
      queue: {
        ...queue,
        claim: (limit, leaseMs) =>
          failing.claim ? Promise.reject(new QueueError('ERR_QUEUE_WRITE')) : queue.claim(limit, leaseMs),
        settle: (claimed, outcome) =>
          failing.settle ? Promise.reject(new QueueError('ERR_QUEUE_WRITE')) : queue.settle(claimed, outcome),
      },
      transport: { name: 'test', deliver: async (_e, recipients) => delivered(recipients) },
      clock,
      facts: record.facts,
      log,
      attemptMs: 1000,
    });
    await queue.accept(sampleEntry(1));
    dispatcher.start();
    await clock.advance(999);
    expect(error).toHaveBeenCalledTimes(1);
    failing.claim = false;
    await clock.advance(1);
    await clock.advance(10);
    expect(error).toHaveBeenCalledTimes(2);
    expect(await queue.count()).toMatchObject({ 'in-flight': 1 });
    failing.settle = false;
    // The lease ends a minute after the longest attempt.
    await clock.advance(61_000);
    await clock.advance(10);
    expect(record.of('recipient.delivered')).toHaveLength(1);
    await dispatcher.stop();
  });
});

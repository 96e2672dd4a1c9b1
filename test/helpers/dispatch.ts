/** A dispatcher over a real queue in a temporary folder, with a transport that a test writes. */
import { onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../src/core/log.js';
import { createDispatcher, type DispatcherOptions } from '../../src/delivery/dispatcher.js';
import type { DeliveryTransport, RecipientResult } from '../../src/delivery/transport.js';
import type { QueueEntry, RecipientState } from '../../src/queue/entry.js';
import { openQueue } from '../../src/queue/open.js';
import { createFakeClock } from './fake-clock.js';
import { recordFacts, sampleEntry } from './queue-samples.js';
import { tempFolder } from './temp-folder.js';

type Deliver = DeliveryTransport['deliver'];

export function delivered(recipients: readonly RecipientState[]): RecipientResult[] {
  return recipients.map(({ address }) => ({ status: 'delivered', address }));
}

export function deferred(recipients: readonly RecipientState[], reason: string): RecipientResult[] {
  return recipients.map(({ address }) => ({ status: 'deferred', address, reason }));
}

export async function dispatching(deliver: Deliver, changes: Partial<DispatcherOptions> = {}) {
  const clock = createFakeClock({ start: sampleEntry(0).receivedAt });
  const record = recordFacts([
    'recipient.delivered',
    'recipient.deferred',
    'recipient.failed',
    'queue.trouble',
  ]);
  const queue = await openQueue({
    dir: tempFolder(),
    clock,
    facts: record.facts,
    log: silentLogger,
    inline: true,
    thresholdBytes: 100,
  });
  const spy = vi.fn(deliver);
  const dispatcher = createDispatcher({
    queue,
    transport: { name: 'test', deliver: spy },
    clock,
    facts: record.facts,
    log: silentLogger,
    ...changes,
  });
  onTestFinished(() => queue.close());
  const accept = (n: number, entry: Partial<QueueEntry> = {}): Promise<void> =>
    queue.accept(sampleEntry(n, entry));
  const tried = (): string[] => spy.mock.calls.map(([entry]) => entry.queueId);
  /** In line, every step of the queue ends within a few turns. */
  async function quiet(): Promise<void> {
    for (let i = 0; i < 12; i += 1) await clock.settle();
  }
  return { clock, record, queue, spy, dispatcher, accept, tried, quiet };
}

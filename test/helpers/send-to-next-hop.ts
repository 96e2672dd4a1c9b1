/** A transport to a scripted next hop, and a short form of what it answers. */
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { createNextHopTransport, type NextHopOptions } from '../../src/delivery/smtp/transport.js';
import type { RecipientResult } from '../../src/delivery/transport.js';
import type { QueueEntry } from '../../src/queue/entry.js';
import { type NextHopScript, startNextHop } from './next-hop-peer.js';
import { sampleEntry } from './queue-samples.js';

const CALM = new AbortController().signal;

export async function nextHop(script: NextHopScript = {}, changes: Partial<NextHopOptions> = {}) {
  const peer = await startNextHop(script);
  const transport = createNextHopTransport({
    hop: peer.hop,
    hostname: 'mx.example',
    tls: 'opportunistic',
    clock: systemClock,
    ...changes,
  });
  onTestFinished(() => transport.close());
  async function send(changed: Partial<QueueEntry> = {}, signal = CALM): Promise<RecipientResult[]> {
    const entry = sampleEntry(1, changed);
    const results: RecipientResult[] = [];
    const report = (result: RecipientResult): void => {
      results.push(result);
    };
    for (const result of await transport.deliver(entry, entry.recipients, signal, report)) report(result);
    return results;
  }
  /** `user failed HOP: 550 no` */
  const brief = async (changed: Partial<QueueEntry> = {}): Promise<string[]> =>
    (await send(changed)).map((result) =>
      `${result.address.split('@')[0]} ${result.status} ${'reason' in result ? result.reason : (result.reply ?? '')}`
        .replace(peer.url, 'HOP')
        .trim(),
    );
  return { peer, transport, send, brief };
}

/** Next hops spoken to by the real smtp-sink of Postfix, in SMTP and LMTP. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { parseDestination } from '../../src/delivery/next-hop.js';
import { createNextHopTransport } from '../../src/delivery/smtp/transport.js';
import type { RecipientResult } from '../../src/delivery/transport.js';
import { memoryBody } from '../../src/message/body.js';
import { newRecipient, type QueueEntry } from '../../src/queue/entry.js';
import { sampleEntry, SAMPLE_HEADER } from '../helpers/queue-samples.js';
import { requireProgram } from '../helpers/real-parts.js';
import { startSmtpSink } from '../helpers/smtp-sink.js';

const program = requireProgram('smtp-sink', 'postfix');

const RECIPIENTS = ['a', 'b'].map((name) => newRecipient(name, 'example.com'));
const BODY = '.\r\n..\r\n.a line\r\n\r\ngr\u00fcn\r\n.';

async function sendTo(url: string, entries: readonly Partial<QueueEntry>[]): Promise<string[]> {
  const destination = parseDestination(url);
  if (destination.status !== 'next-hop') throw new Error(url);
  const { hop } = destination;
  const transport = createNextHopTransport({
    hop,
    hostname: 'mx.example',
    tls: 'opportunistic',
    clock: systemClock,
  });
  onTestFinished(() => transport.close());
  const results: RecipientResult[] = [];
  for (const changes of entries) {
    const entry = sampleEntry(1, { recipients: RECIPIENTS, body: memoryBody(Buffer.from(BODY)), ...changes });
    const { signal } = new AbortController();
    await transport.deliver(entry, entry.recipients, signal, (result) => results.push(result));
  }
  return results.map((result) =>
    `${result.status} ${'reason' in result ? result.reason.replace(url, 'HOP') : result.reply}`.trim(),
  );
}

describe.skipIf(program === undefined)('smtp-sink (skipped when it is not installed)', () => {
  it.each(['smtp', 'lmtp'] as const)('gets the octets by %s, over one connection', async (protocol) => {
    const sink = await startSmtpSink(program ?? '', { protocol });
    const large = memoryBody(Buffer.alloc(3_000_000, 'a line of text\r\n.another\r\n'));
    const results = await sendTo(sink.url, [{}, { body: large }]);
    expect(results).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/^delivered 250 2\.\d\.0 Ok/) as string),
    );
    const [first, second] = sink
      .messages()
      .toSorted((left, right) => left.content.length - right.content.length);
    const header = SAMPLE_HEADER.toString('latin1').replaceAll('\r', '');
    const body = Buffer.from(BODY).toString('latin1').replaceAll('\r', '');
    expect(first?.content).toBe(`${header}${body}\n`);
    expect(first?.recipients).toEqual(['<a@example.com>', '<b@example.com>']);
    expect(second?.content.length).toBeGreaterThan(2_700_000);
  });

  it.each([
    ['smtp', '-f', 'rcpt', /^failed HOP: 5/],
    ['smtp', '-r', 'rcpt', /^deferred HOP: 4/],
    ['smtp', '-f', '.', /^failed HOP: 5/],
    ['smtp', '-q', 'data', /^deferred HOP: /],
    ['lmtp', '-r', '.', /^deferred HOP: 4/],
    ['lmtp', '-q', '.', /^deferred HOP: /],
  ] as const)('%s with %s %s', async (protocol, option, command, expected) => {
    const sink = await startSmtpSink(program ?? '', { protocol, words: [option, command] });
    expect(await sendTo(sink.url, [{}])).toEqual([
      expect.stringMatching(expected),
      expect.stringMatching(expected),
    ]);
  });

  it('gets nothing of eight bits when it does not offer that', async () => {
    const sink = await startSmtpSink(program ?? '', { protocol: 'smtp', words: ['-8'] });
    const reason = 'failed HOP: 5.6.3 the message holds 8-bit text, and the next hop does not offer 8BITMIME';
    expect(await sendTo(sink.url, [{}])).toEqual([reason, reason]);
    expect(sink.messages()).toEqual([]);
  });
});

/** Messages, ids and recorders for tests of the queue and of delivery. */
import { createFactBus, type Fact, type FactBus, type FactName } from '../../src/core/facts.js';
import { memoryBody } from '../../src/message/body.js';
import { newRecipient, type QueueEntry } from '../../src/queue/entry.js';

/** The n-th queue id, in sorting order; ids far apart fall into different spool shards. */
export function sampleId(n: number): string {
  return `0m7c${(n % 32).toString(32).replace(/[ilou]/g, 'z')}k9q${n.toString().padStart(4, '0')}-1`;
}

export const SAMPLE_HEADER: Buffer = Buffer.from('Subject: a sample\r\nFrom: a@example.org\r\n\r\n');

export function sampleEntry(n: number, changes: Partial<QueueEntry> = {}): QueueEntry {
  const header = changes.header ?? SAMPLE_HEADER;
  const body = changes.body ?? memoryBody(Buffer.from(`This is message ${n}.\r\n`));
  return {
    queueId: sampleId(n),
    sessionId: sampleId(n).slice(0, 12),
    receivedAt: 1_767_225_600_000,
    sender: 'sender@example.org',
    recipients: [newRecipient('user', 'example.com')],
    envelope: { body: '8BITMIME' },
    messageState: { 'a-policy': { score: 3 } },
    notBefore: 0,
    hold: false,
    ...changes,
    header,
    body,
    size: header.length + body.size,
  };
}

export interface FactRecorder {
  readonly facts: FactBus;
  readonly seen: Fact[];
  of<N extends FactName>(name: N): Extract<Fact, { name: N }>['body'][];
}

/** A bus that remembers what was published. A subscriber that throws fails the test. */
export function recordFacts(names: readonly FactName[]): FactRecorder {
  const facts = createFactBus((error) => {
    throw error;
  });
  const seen: Fact[] = [];
  for (const name of names) {
    facts.subscribe(name, (body) => {
      seen.push({ name, body } as Fact);
    });
  }
  return {
    facts,
    seen,
    of: (name) => seen.filter((fact) => fact.name === name).map((fact) => fact.body as never),
  };
}

/** All octets of a body. */
export async function octetsOf(body: { stream(): AsyncIterable<Buffer> }): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body.stream()) pieces.push(piece);
  return Buffer.concat(pieces);
}

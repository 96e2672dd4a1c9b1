import { describe, expect, it } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
import { createDomainTable, createRoutes } from '../../../src/delivery/routes.js';
import type { DeliveryTransport, RecipientResult } from '../../../src/delivery/transport.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { sampleEntry } from '../../helpers/queue-samples.js';

const CALM = new AbortController().signal;

const plain = (name: string): DeliveryTransport => ({
  name,
  deliver: async (_e, recipients) => recipients.map(({ address }) => ({ status: 'delivered', address })),
});

const broken = (name: string, error: Error): DeliveryTransport => ({
  name,
  async deliver(_e, [first], _s, report) {
    report({ status: 'delivered', address: first?.address ?? '', transport: 'inner' });
    throw error;
  },
});

async function deliver(transport: DeliveryTransport, domains: readonly string[], signal = CALM) {
  const results: RecipientResult[] = [];
  const recipients = domains.map((domain, n) => newRecipient(`u${n}`, domain));
  const ended = await transport
    .deliver(sampleEntry(1, { recipients }), recipients, signal, (result) => results.push(result))
    .catch((error: unknown) => error);
  const told = results.map((result) =>
    result.status === 'delivered'
      ? `${result.address} by ${result.transport}`
      : `${result.address} ${result.status}: ${result.reason}`,
  );
  return { told: told.sort(), ended };
}

describe('createDomainTable', () => {
  it('finds the most specific pattern', () => {
    const find = createDomainTable([
      ['example.net', 1],
      ['*.example.net', 2],
      ['*.a.example.net', 3],
      ['*', 4],
    ]);
    expect(
      [
        'example.net',
        'b.example.net',
        'A.example.net',
        'x.a.example.net',
        'x.y.a.example.net',
        'net',
        '',
      ].map(find),
    ).toEqual([1, 2, 2, 3, 3, 4, 4]);
    expect(createDomainTable<number>([])('example.net')).toBeUndefined();
  });

  it('knows a domain in either spelling of its labels', () => {
    const find = createDomainTable([
      ['xn--mnchen-3ya.example', 1],
      ['*.bücher.example', 2],
    ]);
    expect(
      ['münchen.example', 'MÜNCHEN.example', 'XN--MNCHEN-3ya.example', 'München.example'].map(find),
    ).toEqual([1, 1, 1, 1]);
    expect(['a.bücher.example', 'ä.xn--bcher-kva.example', 'bücher.example'].map(find)).toEqual([
      2,
      2,
      undefined,
    ]);
  });
});

describe('createRoutes', () => {
  it('takes each recipient the way of its domain, and names who delivered', async () => {
    const routes = createRoutes(
      [
        { domains: ['a.example', 'b.example'], transport: plain('first') },
        { domains: ['*.b.example'], transport: plain('second') },
      ],
      plain('rest'),
    );
    const { told } = await deliver(routes, ['a.example', 'x.b.example', 'B.example', 'c.example']);
    expect(told).toEqual([
      'u0@a.example by first',
      'u1@x.b.example by second',
      'u2@B.example by first',
      'u3@c.example by rest',
    ]);
  });

  it('keeps a fault to the recipients of its transport that were not reported', async () => {
    const routes = createRoutes(
      [{ domains: ['a.example'], transport: broken('first', new Error('down')) }],
      plain('rest'),
    );
    const { told, ended } = await deliver(routes, ['a.example', 'a.example', 'b.example']);
    expect(told).toEqual(['u0@a.example by inner', 'u1@a.example deferred: down', 'u2@b.example by rest']);
    expect(ended).toEqual([]);
  });

  it('tells of a damaged body after everybody has ended', async () => {
    const damage = new QueueError('ERR_QUEUE_CORRUPT', { detail: { queueId: 'x', reason: 'y' } });
    const routes = createRoutes(
      [{ domains: ['a.example'], transport: broken('first', damage) }],
      plain('rest'),
    );
    const { told, ended } = await deliver(routes, ['a.example', 'a.example', 'b.example']);
    expect(told).toEqual(['u0@a.example by inner', 'u2@b.example by rest']);
    expect(ended).toBe(damage);
  });

  it('says nothing of those it did not try when the attempt was ended', async () => {
    const routes = createRoutes([], broken('rest', new Error('ended')));
    const { told } = await deliver(routes, ['a.example', 'b.example'], AbortSignal.abort());
    expect(told).toEqual(['u0@a.example by inner']);
  });
});

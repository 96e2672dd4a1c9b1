/** What a broken or hostile name server can send: each ends in an outcome, none in an exception. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Answer, DecodedPacket } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { createCachingResolver } from '../../src/dns/caching-resolver.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import {
  chainOfPointers,
  MOST_LINKS,
  nameOctets,
  packetOctets,
  pointerTo,
  questionOctets,
  recordOctets,
} from '../helpers/dns-octets.js';
import {
  a,
  type AskedQuestion,
  type Behaviour,
  type DnsServerDouble,
  encodeAnswer,
  startDnsServer,
} from '../helpers/dns-server.js';

const name = 'mail.example.org';
const good = { answers: [a(name, '192.0.2.7')] };
const toClose: (() => unknown)[] = [];

async function serve(behaviour: Behaviour): Promise<DnsServerDouble> {
  const server = await startDnsServer(behaviour);
  toClose.push(() => server.stop());
  return server;
}

function resolverFor(server: DnsServerDouble, deadlineMs = 2000): Resolver {
  const resolver = createCachingResolver({
    clock: systemClock,
    resolver: createUdpResolver({ clock: systemClock, servers: [server.address], deadlineMs, tries: 1 }),
  });
  toClose.push(() => {
    resolver.close();
  });
  return resolver;
}

afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

const alias = (from: string, to: string): Answer => ({
  type: 'CNAME',
  name: from,
  data: to,
  ttl: 60,
  class: 'IN',
});

/** An answer with one record made by hand: `owner`, type, class IN, 60 seconds, `data`. */
function handMade(
  { id, name: asked, type }: AskedQuestion,
  typeCode: number,
  data: Buffer,
  owner?: Buffer,
): Buffer {
  const query = { id, questions: [{ type, name: asked }] } as DecodedPacket;
  const packet = encodeAnswer(query, {});
  packet.writeUInt16BE(1, 6);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(typeCode, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([packet, owner ?? Buffer.from([0xc0, 12]), fixed, data]);
}

const TXT = 16;
const A = 1;
const CNAME = 5;

describe('aliases', () => {
  it.each([
    ['to itself', [alias(name, name)]],
    ['in a ring of two', [alias(name, 'b.example'), alias('b.example', name)]],
    [
      'in a ring that does not hold the name',
      [alias(name, 'b.example'), alias('b.example', 'c.example'), alias('c.example', 'b.example')],
    ],
    [
      'in a chain of a thousand',
      Array.from({ length: 1000 }, (_, index) =>
        alias(index === 0 ? name : `n${index}.example`, `n${index + 1}.example`),
      ),
    ],
  ])('%s in one answer are trouble', async (_, answers) => {
    const server = await serve(({ transport }) =>
      transport === 'udp' && answers.length > 100 ? { truncated: true } : { answers },
    );
    expect(await resolverFor(server).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it.each([
    ['octets that are no text', Buffer.alloc(63, 0xff)],
    ['a dot inside a label', Buffer.from('b.example')],
  ])('to a name with %s are followed to that name and no other', async (_, label) => {
    const target = nameOctets([label]);
    const server = await serve((asked) => {
      if (asked.name === name) return handMade(asked, CNAME, target);
      return packetOctets({
        id: asked.id,
        question: questionOctets(target),
        answers: [recordOctets({ owner: pointerTo(12), type: A, data: Buffer.from([192, 0, 2, 7]) })],
      });
    });
    expect(await resolverFor(server).resolve(name, 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.7'],
    });
    expect(server.asked).toHaveLength(2);
  });
});

describe('text records', () => {
  it('of 64 KB come by TCP, whole, and weigh on the cache what they weigh', async () => {
    const strings = Array.from({ length: 254 }, (_, index) => String(index % 10).repeat(255));
    const server = await serve(({ transport }) =>
      transport === 'udp'
        ? { truncated: true }
        : { answers: [{ type: 'TXT', name, data: strings, ttl: 60, class: 'IN' }] },
    );
    const resolver = resolverFor(server);
    const outcome = await resolver.resolve(name, 'TXT');
    expect(outcome.status === 'found' && outcome.records[0]).toBe(strings.join(''));
    await resolver.resolve(name, 'TXT');
    expect(server.asked).toHaveLength(2);
  });

  it.each([
    ['whose string is longer than the record', Buffer.from([200, 0x61, 0x62])],
    ['that end in the middle of a string', Buffer.from([1, 0x61, 5, 0x62])],
  ])('%s are trouble', async (_, data) => {
    const server = await serve((asked) => handMade(asked, TXT, data));
    expect(await resolverFor(server).resolve(name, 'TXT')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it.each([
    ['without a string', Buffer.alloc(0), ''],
    ['of empty strings', Buffer.from([0, 0, 0]), ''],
    ['of octets that are no UTF-8', Buffer.from([3, 0xff, 0x00, 0x61]), '\ufffd\0a'],
  ])('%s are text all the same', async (_, data, text) => {
    const server = await serve((asked) => handMade(asked, TXT, data));
    expect(await resolverFor(server).resolve(name, 'TXT')).toMatchObject({
      status: 'found',
      records: [text],
    });
  });
});

describe('packets', () => {
  const loop = (at: number): Buffer => Buffer.from([0xc0, at]);
  it.each([
    [
      'a record whose name points to itself',
      (asked: AskedQuestion) => {
        const at = encodeAnswer(
          { id: 0, questions: [{ type: 'A', name: asked.name }] } as DecodedPacket,
          {},
        ).length;
        return handMade(asked, A, Buffer.from([192, 0, 2, 1]), loop(at));
      },
    ],
    [
      'a record whose name points ahead',
      (asked: AskedQuestion) => handMade(asked, A, Buffer.from([192, 0, 2, 1]), loop(0xff)),
    ],
    ['an address of three octets', (asked: AskedQuestion) => handMade(asked, A, Buffer.from([192, 0, 2]))],
    [
      'an alias that points to itself',
      (asked: AskedQuestion) => {
        const at = encodeAnswer(
          { id: 0, questions: [{ type: 'A', name: asked.name }] } as DecodedPacket,
          {},
        ).length;
        return handMade(asked, CNAME, loop(at + 12));
      },
    ],
    [
      'a label of an unknown kind',
      (asked: AskedQuestion) => handMade(asked, A, Buffer.from([192, 0, 2, 1]), Buffer.from([0x80, 1])),
    ],
    [
      'more records than there are',
      (asked: AskedQuestion) => {
        const packet = handMade(asked, A, Buffer.from([192, 0, 2, 1]));
        packet.writeUInt16BE(0xffff, 6);
        return packet;
      },
    ],
    [
      'a name of 256 octets',
      (asked: AskedQuestion) => {
        const label = Buffer.concat([Buffer.from([63]), Buffer.alloc(63, 0x61)]);
        const owner = Buffer.concat([label, label, label, label, Buffer.from([0])]);
        return handMade(asked, A, Buffer.from([192, 0, 2, 1]), owner);
      },
    ],
  ])('with %s are trouble', async (_, packetFor) => {
    const server = await serve(packetFor);
    expect(await resolverFor(server).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it('of 64 KB that are a chain of pointers are trouble', async () => {
    const chain = chainOfPointers(MOST_LINKS);
    const server = await serve(({ id, transport }) => {
      if (transport === 'udp') return { truncated: true };
      chain.writeUInt16BE(id, 0);
      return chain;
    });
    expect(await resolverFor(server).resolve('x.example', 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it('of garbage by the thousand change nothing', async () => {
    const garbage = Array.from({ length: 2000 }, () => systemClock.random(40));
    const server = await serve(() => [...garbage, good]);
    const resolver = resolverFor(server);
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'found', records: ['192.0.2.7'] });
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'found' });
  });

  it('from another address of the same port are not heard', async () => {
    const forger = createSocket('udp4');
    toClose.push(() => forger.close());
    const server = await serve(({ id, fromPort }) => {
      const query = { id, questions: [{ type: 'A', name }] } as DecodedPacket;
      forger.send(encodeAnswer(query, { answers: [a(name, '192.0.2.66')] }), fromPort, '127.0.0.1');
      return undefined;
    });
    forger.bind(server.port, '127.0.0.2');
    await once(forger, 'listening');
    expect(await resolverFor(server, 300).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'timeout',
    });
  });

  it('never come: each question ends at its deadline, and nothing of it stays', async () => {
    const server = await serve(() => undefined);
    const resolver = resolverFor(server, 200);
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, index) => resolver.resolve(`n${index}.example`, 'A')),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'tempFail', trouble: 'timeout' });
    server.behave(() => good);
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'found' });
  });
});

/** The resolver on real sockets, against servers that misbehave. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { DecodedPacket } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import {
  type Behaviour,
  type DnsServerDouble,
  a,
  encodeAnswer,
  soa,
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

function resolverFor(servers: readonly string[], deadlineMs = 2000): Resolver {
  const resolver = createUdpResolver({ clock: systemClock, servers, deadlineMs });
  toClose.push(() => {
    resolver.close();
  });
  return resolver;
}

async function closedPort(): Promise<string> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return `127.0.0.1:${port}`;
}

afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

describe('the UDP resolver', () => {
  it('finds every type', async () => {
    const server = await serve(({ name: asked, type }) => {
      switch (type) {
        case 'AAAA':
          return { answers: [{ type: 'AAAA', name: asked, ttl: 9, data: '2001:db8::7' }] };
        case 'MX':
          return { answers: [{ type: 'MX', name: asked, ttl: 9, data: { preference: 5, exchange: name } }] };
        case 'TXT':
          return { answers: [{ type: 'TXT', name: asked, ttl: 9, data: ['v=spf1', ' -all'] }] };
        case 'PTR':
          return { answers: [{ type: 'PTR', name: asked, ttl: 9, data: name }] };
        default:
          return good;
      }
    });
    const resolver = resolverFor([server.address]);
    expect(await resolver.resolve('Mail.Example.ORG.', 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.7'],
      ttlSeconds: 60,
    });
    expect(await resolver.resolve(name, 'AAAA')).toMatchObject({ records: ['2001:db8::7'] });
    expect(await resolver.resolve(name, 'MX')).toMatchObject({
      records: [{ preference: 5, exchange: name }],
    });
    expect(await resolver.resolve(name, 'TXT')).toMatchObject({ records: ['v=spf1 -all'] });
    expect(await resolver.resolve('7.2.0.192.in-addr.arpa', 'PTR')).toMatchObject({ records: [name] });
    expect(server.asked.every(({ hasEdns }) => hasEdns)).toBe(true);
  });

  it('tells absence with its time, and the validation mark', async () => {
    const server = await serve(({ name: asked }) =>
      asked === name
        ? { ...good, authentic: true }
        : { rcode: asked.startsWith('gone') ? 3 : 0, authorities: [soa('example.org', 77)] },
    );
    const resolver = resolverFor([server.address]);
    expect(await resolver.resolve(name, 'A')).toMatchObject({ authentic: true });
    expect(await resolver.resolve('gone.example.org', 'A')).toEqual({
      status: 'none',
      nxdomain: true,
      ttlSeconds: 77,
      authentic: false,
    });
    expect(await resolver.resolve('here.example.org', 'A')).toMatchObject({
      status: 'none',
      nxdomain: false,
    });
  });

  it('follows an alias that the server left open, and no loop of them', async () => {
    const server = await serve(({ name: asked }) => {
      if (asked === name) return good;
      const data = asked === 'www.example.org' ? name : asked === 'a.example' ? 'b.example' : 'a.example';
      return { answers: [{ type: 'CNAME', name: asked, ttl: 5, data }], authentic: true };
    });
    const resolver = resolverFor([server.address]);
    expect(await resolver.resolve('www.example.org', 'A')).toEqual({
      status: 'found',
      records: ['192.0.2.7'],
      ttlSeconds: 5,
      authentic: false,
    });
    expect(await resolver.resolve('a.example', 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
    expect(server.asked).toHaveLength(2 + 9);
  });

  it('asks by TCP when the answer was cut, and puts the pieces together', async () => {
    const answers = Array.from({ length: 2000 }, (_, index) => a(name, `10.0.${index >> 8}.${index & 255}`));
    const server = await serve(({ transport }) => (transport === 'udp' ? { truncated: true } : { answers }));
    const outcome = await resolverFor([server.address]).resolve(name, 'A');
    expect(outcome.status === 'found' && outcome.records.length).toBe(2000);
    expect(server.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
  });

  it('has trouble when TCP answers another question, or ends early', async () => {
    const server = await serve(({ transport }) =>
      transport === 'udp' ? { truncated: true } : { ...good, name: 'evil.example' },
    );
    expect(await resolverFor([server.address]).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'network',
    });
  });

  it('waits for the right answer among forged ones', async () => {
    const evil = { answers: [a(name, '192.0.2.66')] };
    const server = await serve(({ id }) => [
      { ...evil, id: id ^ 1 },
      { ...evil, name: 'other.example' },
      { ...evil, noQuestion: true },
      Buffer.alloc(3),
      Buffer.from('garbage that is long enough to be a header'),
      good,
    ]);
    expect(await resolverFor([server.address]).resolve(name, 'A')).toMatchObject({ records: ['192.0.2.7'] });
  });

  it('takes no answer from another port, however well it is forged', async () => {
    const forger = createSocket('udp4');
    toClose.push(() => forger.close());
    const server = await serve(({ id, fromPort }) => {
      const query = { id, questions: [{ type: 'A', name }] } as DecodedPacket;
      forger.send(encodeAnswer(query, { answers: [a(name, '192.0.2.66')] }), fromPort, '127.0.0.1');
      return undefined;
    });
    expect(await resolverFor([server.address], 300).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'timeout',
    });
  });

  it.each([
    ['SERVFAIL', { rcode: 2 }, 'servfail'],
    ['a refusal', { rcode: 5 }, 'refused'],
    ['a refusal without the question', { rcode: 5, noQuestion: true }, 'refused'],
  ])('goes to the next server on %s, and tells it when there is none', async (_, answer, trouble) => {
    const bad = await serve(() => answer);
    const fine = await serve(() => good);
    expect(await resolverFor([bad.address, fine.address]).resolve(name, 'A')).toMatchObject({
      status: 'found',
    });
    expect(await resolverFor([bad.address]).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble,
    });
  });

  it('tells a packet that fits but does not decode', async () => {
    const server = await serve(({ id }) => {
      const query = { id, questions: [{ type: 'A', name }] } as DecodedPacket;
      const packet = encodeAnswer(query, good);
      return packet.subarray(0, packet.length - 2);
    });
    expect(await resolverFor([server.address]).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it('leaves a closed port at once and remembers it', async () => {
    const fine = await serve(() => good);
    const resolver = resolverFor([await closedPort(), fine.address], 8000);
    const begin = systemClock.elapsed();
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'found' });
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'found' });
    expect(systemClock.elapsed() - begin).toBeLessThan(2000);
    expect(await resolverFor([await closedPort()]).resolve(name, 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'network',
    });
  });

  it('gives a silent server its time and no more', async () => {
    const silent = await serve(() => undefined);
    const fine = await serve(() => good);
    expect(await resolverFor([silent.address], 200).resolve(name, 'A')).toMatchObject({ trouble: 'timeout' });
    expect(silent.asked).toHaveLength(2);
    expect(await resolverFor([silent.address, fine.address], 400).resolve(name, 'A')).toMatchObject({
      status: 'found',
    });
  });

  it('does without EDNS for a server that does not know it', async () => {
    const old = await serve(({ hasEdns }) => (hasEdns ? { rcode: 1, noQuestion: true } : good));
    expect(await resolverFor([old.address]).resolve(name, 'A')).toMatchObject({ status: 'found' });
  });

  it('answers many questions at once, each with its own answer, from a few changing ports', async () => {
    const server = await serve(({ name: asked }) => ({
      answers: [a(asked, `10.0.0.${Number(asked.split('.')[0]) % 250}`)],
    }));
    const resolver = resolverFor([server.address], 5000);
    for (let round = 0; round < 16; round++) {
      const numbers = Array.from({ length: 100 }, (_, index) => round * 100 + index);
      const outcomes = await Promise.all(numbers.map((number) => resolver.resolve(`${number}.example`, 'A')));
      outcomes.forEach((outcome, index) => {
        expect(outcome).toMatchObject({ records: [`10.0.0.${(numbers[index] ?? 0) % 250}`] });
      });
    }
    const ports = new Set(server.asked.map(({ fromPort }) => fromPort));
    const ids = new Set(server.asked.map(({ id }) => id));
    expect(ports.size).toBeGreaterThan(4);
    expect(ports.size).toBeLessThan(40);
    expect(ids.size).toBeGreaterThan(1200);
  });

  it('refuses names that no packet holds, without asking', async () => {
    const server = await serve(() => good);
    const resolver = resolverFor([server.address]);
    for (const bad of ['', 'a..b', `${'x'.repeat(64)}.example`]) {
      expect(await resolver.resolve(bad, 'A')).toMatchObject({ status: 'tempFail', trouble: 'badName' });
    }
    expect(server.asked).toHaveLength(0);
    await resolver.resolve('_x y.\u00fc.example', 'TXT');
    expect(server.asked[0]?.name).toBe('_x y.\u00fc.example');
  });

  it('ends open questions when the asker leaves or the resolver closes', async () => {
    const silent = await serve(() => undefined);
    const resolver = resolverFor([silent.address], 60_000);
    const controller = new AbortController();
    const left = resolver.resolve(name, 'A', { signal: controller.signal });
    const open = resolver.resolve(name, 'A');
    controller.abort();
    expect(await left).toMatchObject({ trouble: 'aborted' });
    resolver.close();
    expect(await open).toMatchObject({ status: 'tempFail' });
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'tempFail', trouble: 'aborted' });
  });

  it('takes no more questions than it may have open', async () => {
    const silent = await serve(() => undefined);
    const resolver = createUdpResolver({ clock: systemClock, servers: [silent.address], maxOpen: 1 });
    toClose.push(() => {
      resolver.close();
    });
    const first = resolver.resolve(name, 'A');
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'tempFail', trouble: 'network' });
    resolver.close();
    await first;
  });

  it('refuses a server address that is none', () => {
    expect(() => createUdpResolver({ clock: systemClock, servers: ['localhost'] })).toThrow(/localhost/);
  });
});

/** Answers by TCP from servers that cut, trickle and lie. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { DecodedPacket } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { createQuery } from '../../src/dns/query-packet.js';
import { createTcpWire } from '../../src/dns/tcp-wire.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import type { WireReply } from '../../src/dns/wire.js';
import { a, encodeAnswer } from '../helpers/dns-server.js';

const name = 'mail.example.org';
const good = { answers: [a(name, '192.0.2.7')] };
const toClose: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

describe('answers by TCP', () => {
  /** What the wire hears from a server that sends `pieces`, each by itself, and then maybe closes. */
  async function hearFrom(pieces: (id: Buffer) => readonly Buffer[], closes: boolean): Promise<WireReply> {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.once('data', (asked) => {
        for (const piece of pieces(asked.subarray(2, 4))) socket.write(piece);
        if (closes) socket.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = createTcpWire(systemClock);
    toClose.push(
      () => {
        wire.close();
      },
      () => server.close(),
    );
    const query = createQuery(name, 'A');
    if (!query) throw new Error('no query');
    const { port } = server.address() as AddressInfo;
    return await new Promise((hear) => {
      wire.send({ address: '127.0.0.1', port }, query, hear);
    });
  }
  const framed = (id: Buffer): Buffer => {
    const query = { id: id.readUInt16BE(0), questions: [{ type: 'A', name }] } as DecodedPacket;
    const packet = encodeAnswer(query, good);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length, 0);
    return Buffer.concat([length, packet]);
  };

  it('are put together from single octets, and what follows them is not heard', async () => {
    const reply = await hearFrom((id) => [...framed(id)].map((octet) => Buffer.from([octet])), false);
    expect(reply.status === 'packet' && reply.packet.length).toBeGreaterThan(12);
    const twice = await hearFrom((id) => [Buffer.concat([framed(id), Buffer.alloc(100_000)])], false);
    expect(twice.status === 'packet' && reply.status === 'packet' && twice.packet.length).toBe(
      reply.status === 'packet' && reply.packet.length,
    );
  });

  it.each([
    ['nothing', () => [], true],
    ['half a length', () => [Buffer.from([1])], true],
    ['an empty message', () => [Buffer.from([0, 0])], false],
    ['less than they announce', (id: Buffer) => [framed(id).subarray(0, 20)], true],
    ['garbage', () => [Buffer.concat([Buffer.from([0, 40]), Buffer.alloc(40, 7)])], false],
  ])('of %s are a failure', async (_, pieces, closes) => {
    expect((await hearFrom(pieces, closes)).status).toBe('failed');
  });

  it('are trouble when nobody listens there', async () => {
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    toClose.push(() => udp.close());
    udp.on('message', (packet, from) => {
      const query = { id: packet.readUInt16BE(0), questions: [{ type: 'A', name }] } as DecodedPacket;
      udp.send(encodeAnswer(query, { truncated: true }), from.port, from.address);
    });
    const resolver = createUdpResolver({
      clock: systemClock,
      servers: [`127.0.0.1:${udp.address().port}`],
      tries: 1,
    });
    expect(await resolver.resolve(name, 'A')).toMatchObject({ status: 'tempFail', trouble: 'network' });
    resolver.close();
  });
});

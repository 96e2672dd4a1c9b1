import dnsPacket, { type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { type AskDeps, ask } from '../../../src/dns/ask.js';
import { type DnsQuery, createQuery } from '../../../src/dns/query-packet.js';
import { createServerOrder } from '../../../src/dns/server-order.js';
import type { Wire, WireReply } from '../../../src/dns/wire.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

interface Sent {
  readonly to: string;
  readonly edns: boolean;
  readonly hear: (reply: WireReply) => void;
  cancelled: boolean;
}

function fakeWire(): Wire & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    send(server, query: DnsQuery, hear) {
      const one: Sent = { to: server.address, edns: query.edns, hear, cancelled: false };
      sent.push(one);
      return () => {
        one.cancelled = true;
      };
    },
    close: () => undefined,
  };
}

function packet(fields: Partial<Packet> = {}): WireReply {
  return {
    status: 'packet',
    packet: dnsPacket.encode({
      type: 'response',
      flags: dnsPacket.RECURSION_AVAILABLE,
      questions: [{ type: 'A', name: 'x.example' }],
      ...fields,
    }),
  };
}
const good = packet({ answers: [{ type: 'A', name: 'x.example', ttl: 60, data: '192.0.2.7' }] });
const code = (rcode: number): WireReply => packet({ flags: rcode });

function setUp(addresses: readonly string[] = ['192.0.2.1', '192.0.2.2']) {
  const clock = createFakeClock();
  const udp = fakeWire();
  const tcp = fakeWire();
  const servers = addresses.map((address) => ({ address, port: 53 }));
  const deps: AskDeps = {
    clock,
    udp,
    tcp,
    order: createServerOrder(servers, clock),
    tries: 2,
    trustsAd: () => false,
  };
  const query = createQuery('x.example', 'A');
  if (!query) throw new Error('no query');
  const start = (signal?: AbortSignal) => ask(deps, query, { deadlineMs: 4000, signal });
  return { clock, udp, tcp, start };
}

describe('one question to several servers', () => {
  it('is settled by the first server that knows, and leaves nothing behind', async () => {
    const { clock, udp, start } = setUp();
    const outcome = start();
    udp.sent[0]?.hear(good);
    expect(await outcome).toMatchObject({ status: 'found', records: ['192.0.2.7'] });
    expect(udp.sent).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it.each([
    ['fails', { status: 'failed', detail: 'closed port' } as const],
    ['answers SERVFAIL', code(2)],
    ['refuses', code(5)],
    ['sends rubbish', { status: 'packet', packet: Buffer.from('rubbish, of some length') } as const],
  ])('goes to the next server at once when one %s', async (_, reply) => {
    const { udp, start } = setUp();
    const outcome = start();
    udp.sent[0]?.hear(reply);
    expect(udp.sent.map(({ to }) => to)).toEqual(['192.0.2.1', '192.0.2.2']);
    udp.sent[1]?.hear(good);
    expect(await outcome).toMatchObject({ status: 'found' });
  });

  it('asks the next when one is silent, and still takes a late answer', async () => {
    const { clock, udp, start } = setUp();
    const outcome = start();
    await clock.advance(799);
    expect(udp.sent).toHaveLength(1);
    await clock.advance(1);
    expect(udp.sent).toHaveLength(2);
    udp.sent[0]?.hear(good);
    expect(await outcome).toMatchObject({ status: 'found' });
    expect(udp.sent[1]?.cancelled).toBe(true);
  });

  it('asks each server twice and then tells the last trouble', async () => {
    const { udp, start } = setUp();
    const outcome = start();
    for (let turn = 0; turn < 4; turn++) udp.sent[turn]?.hear(code(turn === 3 ? 5 : 2));
    expect(await outcome).toMatchObject({ status: 'tempFail', trouble: 'refused' });
    expect(udp.sent).toHaveLength(4);
  });

  it('gives up at the deadline', async () => {
    const { clock, udp, start } = setUp();
    const outcome = start();
    await clock.advance(4000);
    expect(await outcome).toMatchObject({ status: 'tempFail', trouble: 'timeout' });
    expect(udp.sent).toHaveLength(4);
    expect(udp.sent.every(({ cancelled }) => cancelled)).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('ends when the asker aborts', async () => {
    const { clock, udp, start } = setUp();
    const controller = new AbortController();
    const outcome = start(controller.signal);
    controller.abort();
    expect(await outcome).toMatchObject({ status: 'tempFail', trouble: 'aborted' });
    expect(udp.sent[0]?.cancelled).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('asks the same server by TCP when the answer was cut', async () => {
    const { udp, tcp, start } = setUp();
    const outcome = start();
    udp.sent[0]?.hear(packet({ flags: dnsPacket.TRUNCATED_RESPONSE }));
    expect(tcp.sent.map(({ to }) => to)).toEqual(['192.0.2.1']);
    tcp.sent[0]?.hear(good);
    expect(await outcome).toMatchObject({ status: 'found' });
  });

  it('does not ask by TCP for ever', async () => {
    const { udp, tcp, start } = setUp(['192.0.2.1']);
    const cut = packet({ flags: dnsPacket.TRUNCATED_RESPONSE });
    const outcome = start();
    for (const turn of [0, 1]) {
      udp.sent[turn]?.hear(cut);
      tcp.sent[turn]?.hear(cut);
    }
    expect(await outcome).toMatchObject({ status: 'tempFail', trouble: 'malformed' });
    expect(tcp.sent).toHaveLength(2);
  });

  it('asks again without EDNS where that is not understood', async () => {
    const { udp, start } = setUp();
    const outcome = start();
    udp.sent[0]?.hear(code(1));
    expect(udp.sent.map(({ to, edns }) => [to, edns])).toEqual([
      ['192.0.2.1', true],
      ['192.0.2.1', false],
    ]);
    udp.sent[1]?.hear(good);
    expect(await outcome).toMatchObject({ status: 'found' });
  });

  it('has trouble when there is no server', async () => {
    expect(await setUp([]).start()).toMatchObject({ status: 'tempFail', trouble: 'network' });
  });

  it('asks another server first when one has been silent again and again', async () => {
    const { clock, udp, start } = setUp();
    for (let time = 0; time < 3; time++) {
      const outcome = start();
      await clock.advance(800);
      expect(udp.sent.at(-1)?.to).toBe('192.0.2.2');
      udp.sent.at(-1)?.hear(good);
      await outcome;
    }
    expect(udp.sent).toHaveLength(6);
    const next = start();
    expect(udp.sent.at(-1)?.to).toBe('192.0.2.2');
    udp.sent.at(-1)?.hear(good);
    await next;
  });
});

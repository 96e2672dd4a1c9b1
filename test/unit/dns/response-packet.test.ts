import dnsPacket, { type Answer, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { NameReader } from '../../../src/dns/read-name.js';
import { decodeResponse } from '../../../src/dns/response-packet.js';
import {
  chainOfPointers,
  MOST_LINKS,
  nameOctets,
  namesInEachOther,
  packetOctets,
  pointersIntoLongNames,
  pointerTo,
  questionOctets,
  recordOctets,
  TYPE,
} from '../../helpers/dns-octets.js';

function decodeAnswers(answers: Answer[], fields: Partial<Packet> = {}) {
  const packet = dnsPacket.encode({
    type: 'response',
    id: 1,
    flags: dnsPacket.RECURSION_AVAILABLE,
    questions: [{ type: 'A', name: 'x.example', class: 'IN' }],
    answers,
    ...fields,
  });
  const decoded = decodeResponse(packet);
  if (decoded.status !== 'decoded') throw new Error(decoded.detail);
  return decoded.response;
}

describe('answers from octets', () => {
  it('reads every type that is asked for', () => {
    const { answers } = decodeAnswers([
      { type: 'A', name: 'x.example', ttl: 1, data: '192.0.2.1' },
      { type: 'AAAA', name: 'x.example', ttl: 2, data: '2001:db8::1' },
      { type: 'MX', name: 'x.example', ttl: 3, data: { preference: 10, exchange: 'mx.example' } },
      { type: 'MX', name: 'x.example', ttl: 3, data: { preference: 0, exchange: '.' } },
      { type: 'TXT', name: 'x.example', ttl: 4, data: ['v=spf1 ', 'grü', 'ß'] },
      { type: 'PTR', name: 'x.example', ttl: 5, data: 'host.example' },
      { type: 'CNAME', name: 'x.example', ttl: 6, data: 'y.example' },
      { type: 'NS', name: 'x.example', ttl: 7, data: 'ns.example' },
    ]);
    expect(answers.map(({ type, ttlSeconds, data }) => [type, ttlSeconds, data])).toEqual([
      ['A', 1, '192.0.2.1'],
      ['AAAA', 2, '2001:db8::1'],
      ['MX', 3, { preference: 10, exchange: 'mx.example' }],
      ['MX', 3, { preference: 0, exchange: '.' }],
      ['TXT', 4, 'v=spf1 grüß'],
      ['PTR', 5, 'host.example'],
      ['CNAME', 6, 'y.example'],
    ]);
  });

  it('joins a character that two strings share', () => {
    const octets = Buffer.from('ü');
    const { answers } = decodeAnswers([
      { type: 'TXT', name: 'x.example', data: [octets.subarray(0, 1), octets.subarray(1)] },
    ]);
    expect(answers[0]?.data).toBe('ü');
  });

  it('takes a time with the top bit for 0, and drops other classes', () => {
    const { answers } = decodeAnswers([
      { type: 'A', name: 'x.example', ttl: 0xffff_ffff, data: '192.0.2.1' },
      { type: 'A', name: 'x.example', ttl: 5, data: '192.0.2.2', class: 'CH' },
    ]);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.ttlSeconds).toBe(0);
  });

  it('knows flags, codes, negative times and referrals', () => {
    const soa = { mname: 'ns.example', rname: 'root.example', minimum: 90 };
    expect(
      decodeAnswers([], {
        flags: dnsPacket.AUTHENTIC_DATA | 3,
        authorities: [{ type: 'SOA', name: 'example', ttl: 300, data: soa }],
      }),
    ).toMatchObject({ rcode: 3, authentic: true, negativeTtlSeconds: 90, referral: false });
    expect(
      decodeAnswers([], { authorities: [{ type: 'NS', name: 'example', ttl: 300, data: 'ns.example' }] }),
    ).toMatchObject({ rcode: 0, referral: true, negativeTtlSeconds: undefined });
    const opt = {
      type: 'OPT' as const,
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    };
    expect(decodeAnswers([], { additionals: [opt] }).rcode).toBe(16);
  });

  it('does not look into a packet that was cut', () => {
    const packet = dnsPacket.encode({
      type: 'response',
      flags: dnsPacket.TRUNCATED_RESPONSE,
      questions: [{ type: 'A', name: 'x.example' }],
      answers: [{ type: 'TXT', name: 'x.example', data: 'a'.repeat(200) }],
    });
    expect(decodeResponse(packet.subarray(0, packet.length - 100))).toMatchObject({
      status: 'decoded',
      response: { truncated: true, answers: [] },
    });
  });

  it('calls malformed what is malformed', () => {
    const huge = Buffer.alloc(12);
    huge.writeUInt16BE(0x8000, 2);
    huge.writeUInt16BE(0xffff, 6);
    const good = dnsPacket.encode({
      type: 'response',
      answers: [{ type: 'TXT', name: 'x', data: 'abcdef' }],
    });
    for (const packet of [Buffer.alloc(0), Buffer.alloc(11), huge, good.subarray(0, good.length - 3)]) {
      expect(decodeResponse(packet).status).toBe('malformed');
    }
  });
});

const question = questionOctets(nameOctets(['x', 'example']));
const owner = pointerTo(12);
const address = recordOctets({ owner, type: TYPE.A, data: Buffer.from([192, 0, 2, 1]) });

describe('the bounds of a packet', () => {
  it.each([
    ['a chain of all the pointers there can be', chainOfPointers(MOST_LINKS), 'malformed'],
    ['a chain of as many pointers as a name may have', chainOfPointers(250), 'decoded'],
    ['pointers into long names', pointersIntoLongNames(), 'decoded'],
    ['names inside each other', namesInEachOther(), 'decoded'],
  ])('makes %s cost steps in proportion to its octets', (_, packet, status) => {
    expect(packet.length).toBeGreaterThan(65_500);
    const names = new NameReader(packet);
    expect(decodeResponse(packet, names).status).toBe(status);
    expect(names.steps).toBeLessThan(2 * packet.length);
  });

  it('passes by types that nobody asks for, whatever they hold', () => {
    const odd = [TYPE.OTHER, TYPE.NS, TYPE.OPT].map((type) =>
      recordOctets({ owner, type, data: Buffer.from([0xc0, 0xff, 0x80]) }),
    );
    const packet = packetOctets({ question, answers: [...odd, address], authorities: odd, additionals: odd });
    expect(decodeResponse(packet)).toMatchObject({
      status: 'decoded',
      response: { answers: [{ type: 'A' }] },
    });
  });

  it('finds one bad record in any section, and spoils the packet', () => {
    const bad = recordOctets({ owner, type: TYPE.SOA, data: Buffer.from([0, 0, 1]) });
    const cut = recordOctets({ owner, type: TYPE.OTHER, data: Buffer.alloc(1), length: 2 });
    const lost = recordOctets({ owner: pointerTo(0x3fff), type: TYPE.OTHER, data: Buffer.alloc(0) });
    for (const packet of [
      packetOctets({ question, answers: [address], authorities: [bad] }),
      packetOctets({ question, answers: [address, cut] }),
      packetOctets({ question, answers: [address], additionals: [cut] }),
      packetOctets({ question, authorities: [lost] }),
      packetOctets({ question: question.subarray(0, -1) }),
      packetOctets({ question: questionOctets(pointerTo(12)), answers: [address] }),
    ]) {
      expect(decodeResponse(packet).status).toBe('malformed');
    }
  });

  it('tells a dot in a label from one between labels', () => {
    const data = nameOctets(['mx.example']);
    const packet = packetOctets({ question, answers: [recordOctets({ owner, type: TYPE.PTR, data })] });
    expect(decodeResponse(packet)).toMatchObject({ response: { answers: [{ data: 'mx\udc2eexample' }] } });
  });

  it('takes the extended code of the first OPT record, and the SOA of the first zone', () => {
    const opt = (ttl: number) =>
      recordOctets({ owner: Buffer.from([0]), type: TYPE.OPT, class: 1232, data: Buffer.alloc(0), ttl });
    const soa = (ttl: number) =>
      recordOctets({ owner, type: TYPE.SOA, ttl, data: Buffer.concat([owner, owner, Buffer.alloc(20, 1)]) });
    const packet = packetOctets({
      question,
      authorities: [soa(7), soa(9)],
      additionals: [opt(0xff00_8000), opt(0)],
    });
    expect(decodeResponse(packet)).toMatchObject({ response: { rcode: 0xff0, negativeTtlSeconds: 7 } });
  });
});

import dnsPacket, { type Answer, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { decodeResponse } from '../../../src/dns/response-packet.js';

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

/** Whatever octets arrive, reading them ends in a value. */
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQuery, encodeQuery, isAnswerTo } from '../../src/dns/query-packet.js';
import { readAnswer } from '../../src/dns/read-answer.js';
import { decodeResponse } from '../../src/dns/response-packet.js';

const query = createQuery('x.example', 'A');
if (!query) throw new Error('no query');
const asked = { ...query, type: 'A' as const };

function readAll(octets: Uint8Array): void {
  const packet = Buffer.from(octets);
  isAnswerTo(packet, asked);
  const decoded = decodeResponse(packet);
  if (decoded.status === 'malformed') return;
  const outcome = readAnswer(asked, decoded.response, true);
  if (outcome.status === 'found' || outcome.status === 'none') {
    expect(outcome.ttlSeconds).toBeGreaterThanOrEqual(0);
  }
}

const sound = dnsPacket.encode({
  type: 'response',
  flags: dnsPacket.RECURSION_AVAILABLE,
  questions: [{ type: 'A', name: 'x.example' }],
  answers: [
    { type: 'CNAME', name: 'x.example', ttl: 60, data: 'y.example' },
    { type: 'A', name: 'y.example', ttl: 60, data: '192.0.2.1' },
    { type: 'MX', name: 'x.example', ttl: 60, data: { preference: 1, exchange: 'mx.example' } },
    { type: 'TXT', name: 'x.example', ttl: 60, data: ['one', 'two'] },
  ],
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

describe('DNS packets', () => {
  it('never throw, random octets', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), readAll), { numRuns: 3000 });
  });

  it('never throw, a sound packet with octets changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.nat(sound.length), (list, cut) => {
        const packet = Buffer.from(sound);
        for (const [at, octet] of list) packet[at] = octet;
        readAll(packet);
        readAll(packet.subarray(0, cut));
      }),
      { numRuns: 3000 },
    );
  });

  it('ask for exactly the name that was given, or for none', () => {
    const names = fc.oneof(
      fc.domain(),
      fc.string({ maxLength: 80 }),
      fc.string({ unit: 'binary', maxLength: 80 }),
    );
    fc.assert(
      fc.property(names, fc.nat(65_535), (name, id) => {
        const one = createQuery(name, 'TXT');
        if (!one) return;
        const packet = encodeQuery(one, id);
        const decoded = dnsPacket.decode(packet);
        expect(decoded.id).toBe(id);
        const plain = name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;
        expect(decoded.questions?.[0]?.name).toBe(Buffer.from(plain).toString('utf8'));
        packet.writeUInt16BE(0x8180, 2);
        expect(isAnswerTo(packet, one)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

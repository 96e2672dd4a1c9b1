import dnsPacket from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { createQuery, encodeQuery, isAnswerTo, withoutEdns } from '../../../src/dns/query-packet.js';

function queryFor(name: string) {
  const query = createQuery(name, 'A');
  if (!query) throw new Error(`no query for ${name}`);
  return query;
}

function answerTo(name: string, fields: Partial<dnsPacket.Packet> = {}): Buffer {
  return dnsPacket.encode({
    type: 'response',
    id: 7,
    questions: [{ type: 'A', name, class: 'IN' }],
    answers: [],
    ...fields,
  });
}

describe('questions as octets', () => {
  it('asks with recursion, the validation bit and EDNS of 1232 octets', () => {
    const decoded = dnsPacket.decode(encodeQuery(queryFor('mx.example.org'), 0xbeef));
    expect(decoded).toMatchObject({ id: 0xbeef, type: 'query', flag_rd: true, flag_ad: true });
    expect(decoded.questions).toMatchObject([{ name: 'mx.example.org', type: 'A', class: 'IN' }]);
    expect(decoded.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }]);
  });

  it('leaves EDNS out for old servers', () => {
    expect(dnsPacket.decode(encodeQuery(withoutEdns(queryFor('a.b')), 1)).additionals).toEqual([]);
  });

  it.each([
    '_dmarc.example.org',
    'a b.example',
    'bücher.example',
    'x*y!.example',
    'a\u0000b.example',
    '.',
    'example.org.',
  ])('takes %j', (name) => {
    expect(createQuery(name, 'TXT')).toBeDefined();
  });

  it.each([
    ['an empty name', ''],
    ['an empty label', 'a..b'],
    ['a leading dot', '.a'],
    ['a label of 64 octets', `${'a'.repeat(64)}.example`],
    ['a label of 32 two-octet letters', `${'ü'.repeat(32)}.example`],
    ['256 octets', `${'a'.repeat(63)}.`.repeat(4)],
    ['a megabyte', 'a.'.repeat(500_000)],
  ])('refuses %s', (_, name) => {
    expect(createQuery(name, 'A')).toBeUndefined();
  });

  it('takes odd names out of answers, and no other text with half a character', () => {
    expect(createQuery('a\udc2eb.\udcff.', 'A')?.question.toString('hex', 0, 7)).toBe('03612e6201ff00');
    for (const name of ['a\ud800', 'a\udc41', '\udcc3\udcbc', '\udd00']) {
      expect(createQuery(name, 'A')).toBeUndefined();
    }
    expect(createQuery('\udcff'.repeat(63), 'A')).toBeDefined();
    expect(createQuery('\udcff'.repeat(64), 'A')).toBeUndefined();
  });

  it('takes labels of 63 and names of 255 octets', () => {
    const label = 'a'.repeat(63);
    expect(createQuery(`${label}.${label}.${label}.${'a'.repeat(61)}`, 'A')?.question).toHaveLength(255 + 4);
    expect(createQuery(`${label}.${label}.${label}.${'a'.repeat(62)}`, 'A')).toBeUndefined();
  });
});

describe('what counts as an answer', () => {
  const query = queryFor('MX.example.org');

  it('needs the question again, letter case aside', () => {
    expect(isAnswerTo(answerTo('mx.EXAMPLE.org'), query)).toBe(true);
    expect(isAnswerTo(answerTo('mx.example.com'), query)).toBe(false);
    expect(isAnswerTo(answerTo('mx.example.org.com'), query)).toBe(false);
    expect(isAnswerTo(answerTo('x', { questions: [] }), query)).toBe(false);
    expect(
      isAnswerTo(
        answerTo('x', { questions: [{ type: 'AAAA', name: 'mx.example.org', class: 'IN' }] }),
        query,
      ),
    ).toBe(false);
  });

  it('is a response to a query, not another query', () => {
    expect(isAnswerTo(answerTo('mx.example.org', { type: 'query' }), query)).toBe(false);
    expect(isAnswerTo(answerTo('mx.example.org', { flags: 4 << 11 }), query)).toBe(false);
    expect(isAnswerTo(Buffer.alloc(11), query)).toBe(false);
  });

  it('may leave the question out only to refuse', () => {
    expect(isAnswerTo(answerTo('x', { questions: [], flags: 5 }), query)).toBe(true);
    expect(isAnswerTo(answerTo('x', { questions: [], flags: 3 }), query)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { createQuery } from '../../../src/dns/query-packet.js';
import { readAnswer } from '../../../src/dns/read-answer.js';
import type { DnsRecord, DnsResponse } from '../../../src/dns/response-packet.js';

const query = createQuery('WWW.example.org', 'A');
if (!query) throw new Error('no query');
const asked = { ...query, type: 'A' as const };

const response = (fields: Partial<DnsResponse>): DnsResponse => ({
  rcode: 0,
  truncated: false,
  authentic: false,
  answers: [],
  negativeTtlSeconds: undefined,
  referral: false,
  ...fields,
});
const alias = (name: string, data: string, ttlSeconds = 60): DnsRecord => ({
  type: 'CNAME',
  name,
  data,
  ttlSeconds,
});
const address = (name: string, data: string, ttlSeconds = 60): DnsRecord => ({
  type: 'A',
  name,
  data,
  ttlSeconds,
});

describe('from response to outcome', () => {
  it('gives the records of the name, with the least time', () => {
    const answers = [
      address('www.example.org', '192.0.2.1', 30),
      address('www.EXAMPLE.org', '192.0.2.2', 20),
    ];
    expect(readAnswer(asked, response({ answers }), false)).toEqual({
      status: 'found',
      records: ['192.0.2.1', '192.0.2.2'],
      ttlSeconds: 20,
      authentic: false,
    });
  });

  it('ignores records of names that were not asked', () => {
    const answers = [address('evil.example', '192.0.2.66')];
    expect(readAnswer(asked, response({ answers }), false)).toMatchObject({ status: 'none' });
  });

  it('follows aliases whatever their order, and counts their time', () => {
    const answers = [
      address('b.example', '192.0.2.1', 50),
      alias('a.example', 'B.example', 40),
      alias('www.example.org', 'a.example', 10),
    ];
    expect(readAnswer(asked, response({ answers }), false)).toMatchObject({
      status: 'found',
      records: ['192.0.2.1'],
      ttlSeconds: 10,
    });
  });

  it('ends at a loop of aliases', () => {
    const answers = [alias('www.example.org', 'a.example'), alias('a.example', 'www.example.org')];
    expect(readAnswer(asked, response({ answers }), false)).toMatchObject({
      status: 'tempFail',
      trouble: 'malformed',
    });
  });

  it('says none for no such name, for no record, and at the end of an alias', () => {
    expect(readAnswer(asked, response({ rcode: 3, negativeTtlSeconds: 120 }), false)).toEqual({
      status: 'none',
      nxdomain: true,
      ttlSeconds: 120,
      authentic: false,
    });
    expect(readAnswer(asked, response({}), false)).toMatchObject({
      status: 'none',
      nxdomain: false,
      ttlSeconds: 60,
    });
    const answers = [alias('www.example.org', 'gone.example', 7)];
    expect(readAnswer(asked, response({ rcode: 3, answers, negativeTtlSeconds: 900 }), false)).toMatchObject({
      status: 'none',
      nxdomain: true,
      ttlSeconds: 7,
    });
  });

  it('takes a server that only points to others for one that does not know', () => {
    expect(readAnswer(asked, response({ referral: true }), false)).toMatchObject({ status: 'tempFail' });
  });

  it('gives an alias whose end the answer leaves open', () => {
    const answers = [alias('www.example.org', 'a.example', 50), alias('a.example', 'Other.Example', 40)];
    expect(readAnswer(asked, response({ answers, authentic: true }), true)).toEqual({
      status: 'alias',
      target: 'other.example',
      ttlSeconds: 40,
      authentic: true,
    });
    expect(readAnswer(asked, response({ answers, negativeTtlSeconds: 60 }), true)).toMatchObject({
      status: 'none',
    });
  });

  it.each([
    [2, 'servfail'],
    [5, 'refused'],
    [4, 'servfail'],
    [16, 'servfail'],
  ])('reads code %i as %s', (rcode, trouble) => {
    expect(readAnswer(asked, response({ rcode }), false)).toMatchObject({ status: 'tempFail', trouble });
  });

  it('believes the validation mark only of a trusted server', () => {
    const answers = [address('www.example.org', '192.0.2.1')];
    expect(readAnswer(asked, response({ answers, authentic: true }), true)).toMatchObject({
      authentic: true,
    });
    expect(readAnswer(asked, response({ answers, authentic: true }), false)).toMatchObject({
      authentic: false,
    });
  });
});

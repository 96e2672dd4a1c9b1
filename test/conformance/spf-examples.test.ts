/**
 * The worked examples of RFC 7208: Appendix A with its zones, and the macros of §7.4.
 *
 * Names, addresses and records are the RFC's, so that they can be found there.
 */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { checkSpf } from '../../src/checks/spf.js';
import { createFakeResolver } from '../helpers/fake-resolver.js';

type Zone = NonNullable<Parameters<typeof createFakeResolver>[0]>;

const mx = (...hosts: readonly string[]) =>
  hosts.map((exchange, n) => ({ preference: 10 * (n + 1), exchange }));

/** RFC 7208 Appendix A. */
const APPENDIX: Zone = {
  'example.com MX': mx('mail-a.example.com', 'mail-b.example.com'),
  'example.com A': ['192.0.2.10', '192.0.2.11'],
  'amy.example.com A': ['192.0.2.65'],
  'bob.example.com A': ['192.0.2.66'],
  'mail-a.example.com A': ['192.0.2.129'],
  'mail-b.example.com A': ['192.0.2.130'],
  'example.org MX': mx('mail-c.example.org'),
  'mail-c.example.org A': ['192.0.2.140'],
  '10.2.0.192.in-addr.arpa PTR': ['example.com'],
  '11.2.0.192.in-addr.arpa PTR': ['example.com'],
  '65.2.0.192.in-addr.arpa PTR': ['amy.example.com'],
  '66.2.0.192.in-addr.arpa PTR': ['bob.example.com'],
  '129.2.0.192.in-addr.arpa PTR': ['mail-a.example.com'],
  '130.2.0.192.in-addr.arpa PTR': ['mail-b.example.com'],
  '140.2.0.192.in-addr.arpa PTR': ['mail-c.example.org'],
  '4.0.0.10.in-addr.arpa PTR': ['bob.example.com'],
};

async function check(zone: Zone, ip: string, mailFrom: string): Promise<string> {
  const deps = { resolver: createFakeResolver(zone), clock: systemClock };
  return (await checkSpf(deps, { ip, mailFrom, helo: 'client.example.net' })).status;
}

/** Which of the hosts may send with this record of example.com. */
async function passing(record: string, ips: readonly string[]): Promise<string[]> {
  const zone = { ...APPENDIX, 'example.com TXT': [record] };
  const results = await Promise.all(ips.map((ip) => check(zone, ip, 'user@example.com')));
  expect(new Set([...results, 'Pass', 'Fail']).size).toBe(2);
  return ips.filter((_, index) => results[index] === 'Pass');
}

const HOSTS = [
  ...['192.0.2.10', '192.0.2.11', '192.0.2.65', '192.0.2.66', '192.0.2.128', '192.0.2.129', '192.0.2.130'],
  ...['192.0.2.131', '192.0.2.132', '192.0.2.140', '192.0.2.143', '192.0.2.144', '10.0.0.4'],
];

/** Appendix A.1: each record and the hosts that pass. */
const SIMPLE: readonly (readonly [string, readonly string[]])[] = [
  ['v=spf1 +all', HOSTS],
  ['v=spf1 a -all', ['192.0.2.10', '192.0.2.11']],
  ['v=spf1 a:example.org -all', []],
  ['v=spf1 mx -all', ['192.0.2.129', '192.0.2.130']],
  ['v=spf1 mx:example.org -all', ['192.0.2.140']],
  ['v=spf1 mx mx:example.org -all', ['192.0.2.129', '192.0.2.130', '192.0.2.140']],
  [
    'v=spf1 mx/30 mx:example.org/30 -all',
    ['192.0.2.128', '192.0.2.129', '192.0.2.130', '192.0.2.131', '192.0.2.140', '192.0.2.143'],
  ],
  ['v=spf1 ptr -all', ['192.0.2.10', '192.0.2.11', '192.0.2.65', '192.0.2.66', '192.0.2.129', '192.0.2.130']],
  [
    'v=spf1 ip4:192.0.2.128/28 -all',
    [
      ...['192.0.2.128', '192.0.2.129', '192.0.2.130', '192.0.2.131', '192.0.2.132', '192.0.2.140'],
      '192.0.2.143',
    ],
  ],
];

describe('RFC 7208 Appendix A.1', () => {
  it.each(SIMPLE)('%s', async (record, hosts) => {
    expect(await passing(record, HOSTS)).toEqual(hosts);
  });
});

describe('RFC 7208 Appendix A.2', () => {
  const zone: Zone = {
    'example.org TXT': ['v=spf1 include:example.com include:example.net -all'],
    'la.example.org TXT': ['v=spf1 redirect=example.org'],
    'example.com TXT': ['v=spf1 ip4:192.0.2.129 -all'],
    'example.net TXT': ['v=spf1 ip4:198.51.100.1 -all'],
  };

  it.each(['example.org', 'la.example.org'])('lets the hosts of both send for %s', async (domain) => {
    expect(await check(zone, '192.0.2.129', `a@${domain}`)).toBe('Pass');
    expect(await check(zone, '198.51.100.1', `a@${domain}`)).toBe('Pass');
    expect(await check(zone, '203.0.113.1', `a@${domain}`)).toBe('Fail');
  });
});

describe('RFC 7208 Appendix A.3', () => {
  const zone: Zone = {
    ...APPENDIX,
    'example.com TXT': ['v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all'],
    'mobile-users._spf.example.com TXT': ['v=spf1 exists:%{l1r+}.%{d}'],
    'remote-users._spf.example.com TXT': ['v=spf1 exists:%{ir}.%{l1r+}.%{d}'],
    'mary.mobile-users._spf.example.com A': ['127.0.0.2'],
    'fred.mobile-users._spf.example.com A': ['127.0.0.2'],
    '15.15.168.192.joel.remote-users._spf.example.com A': ['127.0.0.2'],
    '16.15.168.192.joel.remote-users._spf.example.com A': ['127.0.0.2'],
  };

  it.each([
    ['mary', '198.51.100.9', 'Pass'],
    ['fred', '198.51.100.9', 'Pass'],
    ['fred+lists', '198.51.100.9', 'Pass'],
    ['joel', '198.51.100.9', 'Fail'],
    ['joel', '192.168.15.15', 'Pass'],
    ['joel+x+y', '192.168.15.16', 'Pass'],
    ['joel', '192.168.15.17', 'Fail'],
    ['other', '192.168.15.15', 'Fail'],
    ['other', '192.0.2.129', 'Pass'],
  ])('%s from %s: %s', async (user, ip, status) => {
    expect(await check(zone, ip, `${user}@example.com`)).toBe(status);
  });
});

describe('RFC 7208 Appendix A.4', () => {
  const both = (ptr: string): Zone => ({
    ...APPENDIX,
    'example.com TXT': ['v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all'],
    'ip4._spf.example.com TXT': ['v=spf1 -ip4:192.0.2.0/24 +all'],
    'ptr._spf.example.com TXT': [`v=spf1 -${ptr} +all`],
  });

  it('asks for the network and for the name', async () => {
    const zone = both('ptr:example.com');
    expect(await check(zone, '192.0.2.65', 'a@example.com')).toBe('Pass');
    expect(await check(zone, '192.0.2.140', 'a@example.com')).toBe('Fail');
    expect(await check(zone, '192.0.2.200', 'a@example.com')).toBe('Fail');
    expect(await check(zone, '10.0.0.4', 'a@example.com')).toBe('Fail');
  });

  it('as printed speaks of names under ptr._spf.example.com, the domain of that record (§5.5)', async () => {
    expect(await check(both('ptr'), '192.0.2.65', 'a@example.com')).toBe('Fail');
  });
});

/** RFC 7208 §7.4: strong-bad@email.example.com from 192.0.2.3. */
const MACROS: readonly (readonly [string, string])[] = [
  ['%{s}', 'strong-bad@email.example.com'],
  ['%{o}', 'email.example.com'],
  ['%{d}', 'email.example.com'],
  ['%{d4}', 'email.example.com'],
  ['%{d3}', 'email.example.com'],
  ['%{d2}', 'example.com'],
  ['%{d1}', 'com'],
  ['%{dr}', 'com.example.email'],
  ['%{d2r}', 'example.email'],
  ['%{l}', 'strong-bad'],
  ['%{l-}', 'strong.bad'],
  ['%{lr}', 'strong-bad'],
  ['%{lr-}', 'bad.strong'],
  ['%{l1r-}', 'strong'],
  ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
  ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.example.com'],
  ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
  ['%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}', '3.2.0.192.in-addr.strong.lp._spf.example.com'],
  ['%{d2}.trusted-domains.example.net', 'example.com.trusted-domains.example.net'],
];
const OF_IPV6 = '1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com';

describe('RFC 7208 §7.4', () => {
  async function expansion(
    macro: string,
    ip: string,
  ): Promise<{ inText: string; asName: readonly string[] }> {
    const mailFrom = 'strong-bad@email.example.com';
    const resolver = createFakeResolver({
      'email.example.com TXT': [`v=spf1 exists:${macro} -all exp=why.example.com`],
      'why.example.com TXT': [macro],
    });
    const outcome = await checkSpf(
      { resolver, clock: systemClock },
      { ip, mailFrom, helo: 'client.example.net' },
    );
    expect(outcome.status).toBe('Fail');
    const asName = resolver.asked.filter((question) => question.endsWith(' A'));
    return { inText: outcome.explanation, asName: asName.map((question) => question.slice(0, -2)) };
  }

  it.each(MACROS)('%s is %s', async (macro, text) => {
    const { inText, asName } = await expansion(macro, '192.0.2.3');
    expect(inText).toBe(text);
    // A name of one label can be no name of a record.
    expect(asName).toEqual(text.includes('.') ? [text] : []);
  });

  it('%{ir}.%{v}._spf.%{d2} of an IPv6 client', async () => {
    const { inText, asName } = await expansion('%{ir}.%{v}._spf.%{d2}', '2001:db8::cb01');
    expect({ inText, asName }).toEqual({ inText: OF_IPV6, asName: [OF_IPV6] });
  });
});

describe('RFC 7208 §5.2 and §6.2', () => {
  it.each([
    ['Pass', 'Pass'],
    ['Fail', 'Neutral'],
    ['SoftFail', 'Neutral'],
    ['Neutral', 'Neutral'],
    ['TempError', 'TempError'],
    ['PermError', 'PermError'],
    ['None', 'PermError'],
  ])('an included %s makes %s', async (inner, outer) => {
    const included: Readonly<Record<string, Zone>> = {
      Pass: { 'inner.example TXT': ['v=spf1 +all'] },
      Fail: { 'inner.example TXT': ['v=spf1 -all'] },
      SoftFail: { 'inner.example TXT': ['v=spf1 ~all'] },
      Neutral: { 'inner.example TXT': ['v=spf1 ?all'] },
      TempError: { 'inner.example TXT': 'servfail' },
      PermError: { 'inner.example TXT': ['v=spf1 nonsense'] },
      None: {},
    };
    const zone: Zone = { 'outer.example TXT': ['v=spf1 include:inner.example'], ...included[inner] };
    expect(await check(zone, '192.0.2.1', 'a@outer.example')).toBe(outer);
  });

  it('the explanation is that of the record that decided, also through a redirect, never of an included one', async () => {
    const zone: Zone = {
      'example.com TXT': ['v=spf1 mx -all exp=explain._spf.%{d}'],
      'explain._spf.example.com TXT': ['See http://%{d}/why.html?s=%{S}&i=%{I}'],
      'sub.example.com TXT': ['v=spf1 redirect=example.com exp=own.example.com'],
      'own.example.com TXT': ['the own one'],
      'around.example.com TXT': ['v=spf1 include:example.com -all'],
    };
    const deps = { resolver: createFakeResolver(zone), clock: systemClock };
    const why = async (mailFrom: string): Promise<string> =>
      (await checkSpf(deps, { ip: '192.0.2.3', mailFrom, helo: 'c.example' })).explanation;
    expect(await why('a+b@example.com')).toBe(
      'See http://example.com/why.html?s=a%2Bb%40example.com&i=192.0.2.3',
    );
    expect(await why('a@sub.example.com')).toBe(
      'See http://example.com/why.html?s=a%40sub.example.com&i=192.0.2.3',
    );
    expect(await why('a@around.example.com')).toMatch(/^domain of a@around\.example\.com does not /);
  });
});

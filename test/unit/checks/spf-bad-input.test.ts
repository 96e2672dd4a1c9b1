/** What owners of domains and clients may send to hurt: each ends with a result, none with an exception. */
import { describe, expect, it } from 'vitest';
import { checkSpf, type SpfOutcome } from '../../../src/checks/spf.js';
import { systemClock } from '../../../src/core/clock.js';
import type { Resolver } from '../../../src/dns/resolver.js';
import { silentResolver } from '../../helpers/silent-resolver.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

type Zone = NonNullable<Parameters<typeof createFakeResolver>[0]>;
type Args = Partial<Parameters<typeof checkSpf>[1]>;

async function check(zone: Zone, args: Args = {}): Promise<SpfOutcome & { asked: readonly string[] }> {
  const resolver = createFakeResolver(zone);
  const outcome = await checkSpf(
    { resolver, clock: systemClock },
    { ip: '192.0.2.1', helo: 'client.example', mailFrom: 'user@d.example', ...args },
  );
  expect(outcome.explanation).toMatch(/^[^\p{Cc}]{1,400}$/u);
  for (const line of outcome.evidence) expect(line).toMatch(/^[^\p{Cc}]{1,500}$/u);
  return Object.assign(outcome, { asked: resolver.asked });
}

const record = (terms: string): Zone => ({ 'd.example TXT': [`v=spf1 ${terms}`] });
const filled = (term: string, length = 65_000): string =>
  `${term} `.repeat(Math.floor(length / (term.length + 1)));

describe('records', () => {
  it.each([
    ['ip4:198.51.100.1', 'Fail'],
    ['x=%{d}%{s}%{h}', 'Fail'],
    ['a', 'PermError'],
    ['include:d.example', 'PermError'],
    ['ip4:1.2.3', 'PermError'],
  ])('of 64 KB with %s everywhere: %s', async (term, status) => {
    expect((await check(record(`${filled(term)}-all`))).status).toBe(status);
  });

  it.each([
    '%',
    '%{',
    '%{d',
    ':',
    '/',
    '=',
    '.',
    '-',
    'a=',
    '%{s.-+,/_=',
    '1',
    '/1',
    '%%',
    '%{l}',
    '\u00ff',
    '"',
  ])('of 64 KB of %s', async (piece) => {
    for (const before of ['', 'a:', 'exists:', 'ip6:', 'x=', 'a/', 'exists:%{d', 'redirect=']) {
      const { status } = await check(record(`${before}${piece.repeat(60_000 / piece.length)}`));
      expect(['PermError', 'Neutral', 'Fail']).toContain(status);
    }
  });

  it('of 64 KB in each of many includes: the reading is bounded', async () => {
    const zone: Record<string, readonly string[]> = {};
    for (let n = 0; n < 10; n++) zone[`i${n}.example TXT`] = [`v=spf1 ${filled('ip4:198.51.100.1')}-all`];
    const includes = Object.keys(zone).map((key) => `include:${key.slice(0, -4)}`);
    const outcome = await check({ ...zone, ...record(`${includes.join(' ')} -all`) });
    expect(outcome).toMatchObject({ status: 'PermError' });
    expect(outcome.asked.length).toBeLessThanOrEqual(3);
  });

  it('that include without end', async () => {
    for (const terms of ['include:d.example', 'redirect=d.example', 'include:%{d} include:%{d}']) {
      const { status, asked } = await check(record(terms));
      expect(status).toBe('PermError');
      expect(asked.length).toBeLessThanOrEqual(11);
    }
  });

  it('that fan out: at most ten terms ask, whatever the tree', async () => {
    const zone: Record<string, readonly string[]> = {};
    const branch = (path: string, depth: number): void => {
      const below = depth === 0 ? [] : [0, 1, 2, 3].map((n) => `${n}.${path}`);
      zone[`${path} TXT`] = [`v=spf1 ${below.map((name) => `include:${name}`).join(' ')} ?all`];
      for (const name of below) branch(name, depth - 1);
    };
    branch('d.example', 3);
    const { status, asked, lookups } = await check(zone);
    expect([status, lookups.terms, asked.length]).toEqual(['PermError', 10, 11]);
  });

  it('whose names grow beyond 253 characters: labels go on the left', async () => {
    const { asked } = await check(record(`exists:${'%{l}.'.repeat(400)}list.example -all`), {
      mailFrom: 'ab@d.example',
    });
    const name = asked[1]?.slice(0, -2) ?? '';
    expect(name).toMatch(/^(?:ab\.)+list\.example$/);
    expect(name.length).toBeLessThanOrEqual(253);
    expect(name.length).toBeGreaterThan(249);
    // One label cannot be shortened: it names nothing, and nobody is asked.
    expect((await check(record(`exists:${'%{l}'.repeat(400)}.example -all`))).asked).toEqual([
      'd.example TXT',
    ]);
  });
});

describe('DNS', () => {
  it.each(['timeout', 'servfail', 'refused', 'network', 'malformed'] as const)(
    '%s inside an include, a redirect, an mx, an exists is TempError',
    async (trouble) => {
      const zone: Zone = {
        'x.example TXT': trouble,
        'x.example A': trouble,
        'x.example MX': trouble,
        'y.example TXT': ['v=spf1 include:x.example ?all'],
        'y.example MX': [{ preference: 1, exchange: 'x.example' }],
      };
      for (const term of ['include:x', 'redirect=x', 'a:x', 'mx:x', 'exists:x', 'include:y', 'mx:y']) {
        const { status } = await check({
          ...zone,
          ...record(`${term}.example${term.startsWith('redirect') ? '' : ' -all'}`),
        });
        expect([term, status]).toEqual([term, 'TempError']);
      }
    },
  );

  it('trouble about an explanation leaves the Fail', async () => {
    const zone: Zone = { ...record('-all exp=x.example'), 'x.example TXT': 'servfail' };
    expect(await check(zone)).toMatchObject({ status: 'Fail' });
  });

  it.each([
    [['a\r\n250 ok']],
    [['%{x}']],
    [['%']],
    [['']],
    [['\u0000']],
    [['one', 'two']],
    [['caf\u00e9']],
    [['%{l}'.repeat(16_000)]],
    ['nxdomain' as const],
  ])('an explanation of %.30j ends no line and is never long', async (texts) => {
    const mailFrom = `${'l'.repeat(64)}@d.example`;
    expect(
      await check({ ...record('-all exp=x.example'), 'x.example TXT': texts }, { mailFrom }),
    ).toMatchObject({
      status: 'Fail',
    });
  });

  it('a resolver that never answers ends at the deadline, one that throws at once', async () => {
    const clock = createFakeClock();
    const args = { ip: '192.0.2.1', helo: 'c.example', mailFrom: 'u@d.example', deadlineMs: 3000 };
    const slow = checkSpf({ resolver: silentResolver, clock }, args);
    await clock.advance(3000);
    expect((await slow).status).toBe('TempError');
    const broken: Resolver = {
      resolve: () => Promise.reject(new Error('broken\r\n')),
      close: () => undefined,
    };
    expect(await checkSpf({ resolver: broken, clock }, args)).toMatchObject({ status: 'TempError' });
  });
});

describe('clients', () => {
  const asks = record('exists:%{l}.%{h}.%{i}.l.example exists:%{L}.%{S}.l.example -all exp=why.example');
  const zone: Zone = { ...asks, 'why.example TXT': ['%{l} %{s} %{h} %{L} %{H}'] };

  it.each([
    '"a\u0000b"',
    '"\r\nRCPT"',
    '"%{d}"',
    '%{l}',
    '..',
    '.',
    '"\\"@\\""',
    'x'.repeat(400),
    '\u00fc',
    '\ud800',
    '"@"',
    '%',
  ])('with the local part %.20j', async (localPart) => {
    expect((await check(zone, { mailFrom: `${localPart}@d.example` })).status).toBe('Fail');
  });

  it.each([
    ...[
      '',
      '[192.0.2.1]',
      '[IPv6:::1]',
      '[]',
      '%{h}',
      'a b',
      '\r\n',
      '\u0000',
      'x'.repeat(100_000),
      '..',
      '@',
      '\ud800',
    ],
    ...['\u00fc.example', '-', '_'],
  ])('with the EHLO name %.20j', async (helo) => {
    expect((await check(zone, { helo })).status).toBe('Fail');
    expect((await check(zone, { helo, mailFrom: '' })).status).toBe('None');
  });

  it.each(['', 'x', '192.0.2', '192.0.2.1.1', '::g', '999.0.0.1', '\r\n', '1'.repeat(9999)])(
    'with the address %.20j: TempError',
    async (ip) => {
      expect((await check(zone, { ip })).status).toBe('TempError');
    },
  );

  it.each(['::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:192.0.2.1'])(
    'with %s: it is IPv4',
    async (ip) => {
      expect((await check(record('ip6:::/0 ip4:192.0.2.1 -all'), { ip })).status).toBe('Pass');
    },
  );

  it('with an IPv6 address that only looks mapped', async () => {
    expect((await check(record('ip4:192.0.2.1 ip6:::192.0.2.1 -all'), { ip: '::192.0.2.1' })).status).toBe(
      'Pass',
    );
    expect((await check(record('ip4:192.0.2.1 -all'), { ip: '::192.0.2.1' })).status).toBe('Fail');
  });
});

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';
import { checkSpf } from '../../../src/checks/spf.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { silentResolver } from '../../helpers/silent-resolver.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

const ip = '192.0.2.1';
type Zone = Parameters<typeof createFakeResolver>[0];

function check(zone: Zone, args: Partial<Parameters<typeof checkSpf>[1]> = {}) {
  const resolver = createFakeResolver(zone);
  return checkSpf(
    { resolver, clock: systemClock },
    { ip, helo: 'mail.example.org', mailFrom: 'user@example.org', ...args },
  );
}

describe('SPF', () => {
  it.each([
    ['Pass', ['v=spf1 ip4:192.0.2.0/24 -all']],
    ['Fail', ['v=spf1 ip4:198.51.100.0/24 -all']],
    ['SoftFail', ['v=spf1 ~all']],
    ['Neutral', ['v=spf1 ?all']],
    ['Neutral', ['v=spf1 ip4:198.51.100.1']],
    ['None', ['some other text']],
    ['None', 'nxdomain' as const],
    ['PermError', ['v=spf1 -all', 'v=spf1 +all']],
    ['PermError', ['v=spf1 ip4:nonsense -all']],
    ['PermError', ['v=spf1 include:example.org -all']],
    // The whole record is read first: an error after the term that matches counts (RFC 7208 §4.6).
    ['PermError', ['v=spf1 ip4:192.0.2.1 nonsense:x -all']],
    ['TempError', 'servfail' as const],
    ['TempError', 'timeout' as const],
    ['TempError', 'refused' as const],
    ['TempError', 'network' as const],
    ['TempError', 'malformed' as const],
  ])('says %s for %j', async (status, txt) => {
    const outcome = await check({ 'example.org TXT': txt });
    expect(outcome).toMatchObject({ status, identity: 'mailFrom', domain: 'example.org' });
    expect(outcome.explanation).not.toBe('');
  });

  it('never reads trouble inside include, redirect, a or mx as a verdict', async () => {
    for (const record of ['include:x.example -all', 'redirect=x.example']) {
      const zone: Zone = { 'example.org TXT': [`v=spf1 ${record}`], 'x.example TXT': 'servfail' };
      expect((await check(zone)).status).toBe('TempError');
    }
    expect((await check({ 'example.org TXT': ['v=spf1 a -all'], 'example.org A': 'servfail' })).status).toBe(
      'TempError',
    );
    expect((await check({ 'example.org TXT': ['v=spf1 mx -all'], 'example.org MX': 'timeout' })).status).toBe(
      'TempError',
    );
    const byHost: Zone = {
      'example.org TXT': ['v=spf1 mx -all'],
      'example.org MX': [{ preference: 1, exchange: 'mx.example.org' }],
      'mx.example.org A': 'timeout',
    };
    expect((await check(byHost)).status).toBe('TempError');
  });

  it('does not fail for good over a reverse lookup that was in trouble', async () => {
    const zone: Zone = { 'example.org TXT': ['v=spf1 ptr -all'], '1.2.0.192.in-addr.arpa PTR': 'servfail' };
    expect((await check(zone)).status).toBe('TempError');
    expect((await check({ 'example.org TXT': ['v=spf1 ptr -all'] })).status).toBe('Fail');
  });

  it('matches a, mx, exists, ptr and include', async () => {
    const zone: Zone = {
      'a.example TXT': ['v=spf1 a -all'],
      'a.example A': [ip],
      'mx.example TXT': ['v=spf1 mx -all'],
      'mx.example MX': [{ preference: 1, exchange: 'host.mx.example' }],
      'host.mx.example A': [ip],
      'exists.example TXT': ['v=spf1 exists:%{ir}.%{l}.list.exists.example -all'],
      '1.2.0.192.user.list.exists.example A': ['127.0.0.2'],
      'include.example TXT': ['v=spf1 include:a.example -all'],
      'ptr.example TXT': ['v=spf1 ptr -all'],
      '1.2.0.192.in-addr.arpa PTR': ['mail.ptr.example'],
      'mail.ptr.example A': [ip],
    };
    for (const domain of ['a', 'mx', 'exists', 'include', 'ptr']) {
      const outcome = await check(zone, { mailFrom: `user@${domain}.example` });
      expect([domain, outcome.status]).toEqual([domain, 'Pass']);
    }
  });

  it('checks IPv6 clients, and mapped ones as IPv4', async () => {
    const zone: Zone = { 'example.org TXT': ['v=spf1 ip6:2001:db8::/32 ip4:192.0.2.1 -all'] };
    expect((await check(zone, { ip: '2001:db8::25' })).status).toBe('Pass');
    expect((await check(zone, { ip: '2001:db9::25' })).status).toBe('Fail');
    expect((await check(zone, { ip: '::ffff:192.0.2.1' })).status).toBe('Pass');
  });

  it('checks the HELO identity when there is no sender', async () => {
    const zone: Zone = { 'mail.example.org TXT': ['v=spf1 ip4:192.0.2.1 -all'] };
    for (const mailFrom of ['', undefined]) {
      const outcome = await checkSpf(
        { resolver: createFakeResolver(zone), clock: systemClock },
        { ip, helo: 'mail.example.org', ...(mailFrom === undefined ? {} : { mailFrom }) },
      );
      expect(outcome).toMatchObject({ status: 'Pass', identity: 'helo', domain: 'mail.example.org' });
    }
    expect(await check(zone, { mailFrom: '', helo: '[192.0.2.1]' })).toMatchObject({ status: 'None' });
    expect(await check(zone, { mailFrom: '', helo: 'localhost' })).toMatchObject({ status: 'None' });
  });

  it("gives the owner's explanation of a Fail, on one line", async () => {
    const outcome = await check({
      'example.org TXT': ['v=spf1 -all exp=why.example.org'],
      'why.example.org TXT': ['%{i} may not send for %{d}'],
    });
    expect(outcome).toMatchObject({ status: 'Fail', explanation: '192.0.2.1 may not send for example.org' });
  });

  it('has a text of its own where the owner has none', async () => {
    const outcome = await check({ 'example.org TXT': ['v=spf1 -all'] }, { receiver: 'mx.here.example' });
    expect(outcome.explanation).toBe(
      'domain of user@example.org does not designate 192.0.2.1 as permitted sender',
    );
  });

  it('ends with PermError at the limits', async () => {
    const terms = Array.from({ length: 11 }, (_, index) => `a:h${index}.example`).join(' ');
    const zone: Record<string, readonly string[]> = { 'example.org TXT': [`v=spf1 ${terms} -all`] };
    for (let index = 0; index < 11; index++) zone[`h${index}.example A`] = ['198.51.100.1'];
    expect((await check(zone)).status).toBe('PermError');
    expect(
      (await check({ 'example.org TXT': ['v=spf1 a:x.example a:y.example a:z.example -all'] })).status,
    ).toBe('PermError');
  });

  it('ends with TempError at its deadline and when the client goes', async () => {
    const clock = createFakeClock();
    const slow = checkSpf(
      { resolver: silentResolver, clock },
      { ip, helo: 'a.example', mailFrom: 'u@example.org' },
    );
    await clock.advance(20_000);
    expect((await slow).status).toBe('TempError');

    const controller = new AbortController();
    const left = checkSpf(
      { resolver: silentResolver, clock },
      { ip, helo: 'a.example', mailFrom: 'u@example.org', until: controller },
    );
    controller.abort();
    expect((await left).status).toBe('TempError');
  });

  it.each([
    ['x'.repeat(100_000), 'u@example.org'],
    ['a b\r\nc', '@'],
    ['mail.example.org', '"a@b"@example.org'],
    ['mail.example.org', 'no-domain'],
    ['@@@', ''],
    ['', ''],
    ['%{d}', '%{d}@%{d}'],
    ['mail.example.org', 'ü@bücher.example'],
  ])('survives helo %.20j and sender %j', async (helo, mailFrom) => {
    const outcome = await check(
      { 'example.org TXT': ['v=spf1 exists:%{l}.%{h}.example -all'] },
      { helo, mailFrom },
    );
    expect(outcome.explanation).not.toMatch(/[\r\n]/);
  });

  it('says TempError for what is no address', async () => {
    expect((await check({}, { ip: 'nobody' })).status).toBe('TempError');
  });
});

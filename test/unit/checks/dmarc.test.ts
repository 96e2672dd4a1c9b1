import { describe, expect, it } from 'vitest';
import { checkDmarc } from '../../../src/checks/dmarc.js';
import { dkimTrouble } from '../../../src/checks/signatures/dkim.js';
import { argsOf, dmarc, type Given, record, REJECT, signature } from '../../helpers/dmarc-cases.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { silentResolver } from '../../helpers/silent-resolver.js';
import { createFakeResolver, type FakeResolver } from '../../helpers/fake-resolver.js';
import { judge, type Zone } from '../../helpers/judge-signatures.js';

describe('who stands for the author', () => {
  it.each<[string, Zone, Given, string]>([
    ['nobody', REJECT, {}, 'Fail'],
    ['SPF of the same domain', REJECT, { spf: 'example.org' }, 'Pass'],
    ['SPF of a domain below', REJECT, { spf: 'bounces.example.org' }, 'Pass'],
    ['SPF of somebody else', REJECT, { spf: 'example.net' }, 'Fail'],
    ['SPF of a domain that ends alike', REJECT, { spf: 'notexample.org' }, 'Fail'],
    ['a signature of the same domain', REJECT, { dkim: [signature('example.org')] }, 'Pass'],
    ['a signature in capitals', REJECT, { dkim: [signature('EXAMPLE.org')] }, 'Pass'],
    ['a signature of a domain below', REJECT, { dkim: [signature('mail.example.org')] }, 'Pass'],
    [
      'a signature of the domain above',
      REJECT,
      { from: ['a@news.example.org'], dkim: [signature('example.org')] },
      'Pass',
    ],
    [
      'a signature of a sister',
      REJECT,
      { from: ['a@news.example.org'], dkim: [signature('mail.example.org')] },
      'Pass',
    ],
    ['a signature that failed', REJECT, { dkim: [signature('example.org', 'Fail')] }, 'Fail'],
    ['a signature of somebody else', REJECT, { dkim: [signature('example.net')] }, 'Fail'],
    [
      'one good signature among others',
      REJECT,
      { dkim: [signature('a.net'), signature('example.org')] },
      'Pass',
    ],
    [
      'a domain below, where SPF is strict',
      record('p=reject; aspf=s'),
      { spf: 'bounces.example.org' },
      'Fail',
    ],
    ['the same domain, where SPF is strict', record('p=reject; aspf=s'), { spf: 'example.org' }, 'Pass'],
    [
      'a domain below, where DKIM is strict',
      record('p=reject; adkim=s'),
      { dkim: [signature('m.example.org')] },
      'Fail',
    ],
    [
      'the same domain, where DKIM is strict',
      record('p=reject; adkim=s'),
      { dkim: [signature('example.org')] },
      'Pass',
    ],
  ])('%s', async (_title, zone, given, status) => {
    expect((await dmarc(zone, given)).status).toBe(status);
  });

  it('is told by name', async () => {
    const outcome = await dmarc(REJECT, {
      spf: 'bounces.example.org',
      dkim: [signature('mail.example.org')],
    });
    expect(outcome).toMatchObject({
      domain: 'example.org',
      policyDomain: 'example.org',
      policy: 'reject',
      alignedSpf: 'bounces.example.org',
      alignedDkim: 'mail.example.org',
      explanation: '',
    });
    expect(outcome.evidence[0]).toContain('_dmarc.example.org');
  });
});

describe('the author', () => {
  it.each<[string, Given]>([
    ['no From at all', { from: [], fields: 0 }],
    ['a From without address', { from: [] }],
    ['two domains', { from: ['a@example.org', 'b@example.net'] }],
    ['two From fields', { from: ['a@example.org', 'a@example.org'], fields: 2 }],
    ['no domain', { from: ['ann@'] }],
    ['a second at sign', { from: ['a@example.org@example.net'] }],
    ['white space in the domain', { from: ['a@exam ple.org'] }],
    ['a name too long for any domain', { from: [`a@${'\u4e00'.repeat(2000)}`] }],
    ['one good and one endless address', { from: ['a@example.org', `b@${'x.'.repeat(2000)}org`] }],
  ])('%s: PermError', async (_title, given) => {
    expect(await dmarc(REJECT, { ...given, spf: 'example.org' })).toMatchObject({
      status: 'PermError',
      policy: '',
    });
  });

  it.each<[string, readonly string[]]>([
    ['several of one domain', ['a@example.org', 'b@EXAMPLE.org']],
    ['a quoted local part', ['"x@example.net"@example.org']],
    ['a final dot', ['a@example.org.']],
  ])('%s: one author domain', async (_title, from) => {
    expect((await dmarc(REJECT, { from })).status).toBe('Fail');
    expect((await dmarc(REJECT, { from, spf: 'example.org' })).status).toBe('Pass');
  });

  it.each([
    '<ceo@bank .example>',
    '<ceo@bank. example>',
    'ceo@bank(c).example',
    'CEO <ceo@a.example (c) .bank.example>',
    'CEO <ceo@bank .example>, x@a.example',
    `${' '.repeat(9000)}${'(padded)'.repeat(1200)} <ceo@bank.example>`,
  ])('that cannot be told is PermError, whoever else has passed: %.60s', async (from) => {
    const zone = { ...record('p=reject', 'bank.example'), ...record('p=none', 'a.example') };
    const { author, dkim } = await judge(`From: ${from}\r\nSubject: x\r\n\r\n`);
    const deps = { resolver: createFakeResolver(zone), clock: createFakeClock() };
    const passed = { author, dkim, spfDomain: 'a.example', spfTroubleDomain: '' };
    const { status, domain, explanation } = await checkDmarc(deps, passed);
    expect([status, domain]).toEqual(['PermError', '']);
    expect(explanation).toContain('From');
  });

  it('in another script, as U-label or as A-label', async () => {
    const zone = record('p=reject', 'xn--bcher-kva.example');
    for (const domain of ['b\u00fccher.example', 'B\u00dcCHER.example', 'xn--bcher-kva.example']) {
      const outcome = await dmarc(zone, {
        from: [`a@${domain}`],
        dkim: [signature('xn--bcher-kva.example')],
      });
      expect(outcome).toMatchObject({ status: 'Pass', domain: 'xn--bcher-kva.example' });
    }
  });

  it('at an address literal publishes nothing', async () => {
    expect((await dmarc({}, { from: ['a@[192.0.2.1]'] })).status).toBe('None');
  });
});

describe('trouble', () => {
  it.each(['timeout', 'servfail', 'refused', 'network', 'malformed'] as const)(
    'with the record (%s) is TempError, never Fail',
    async (what) => {
      const zone: Zone = { '_dmarc.example.org TXT': what };
      expect(await dmarc(zone)).toMatchObject({ status: 'TempError', policy: '' });
      expect(
        (await dmarc({ ...REJECT, '_dmarc.mail.example.org TXT': what }, { from: ['a@mail.example.org'] }))
          .status,
      ).toBe('TempError');
    },
  );

  it('above a record that was found takes nothing away', async () => {
    const zone: Zone = { ...REJECT, '_dmarc.org TXT': 'timeout' };
    expect((await dmarc(zone, { spf: 'example.org' })).status).toBe('Pass');
    expect((await dmarc(zone)).status).toBe('Fail');
  });

  it('of SPF or DKIM is TempError only where it could have passed', async () => {
    const slow = signature('mail.example.org', 'TempError');
    const foreign = signature('attacker.test', 'TempError');
    expect((await dmarc(REJECT, { spfTrouble: 'bounces.example.org' })).status).toBe('TempError');
    expect((await dmarc(REJECT, { dkim: [slow] })).status).toBe('TempError');
    expect((await dmarc(REJECT, { spfTrouble: 'attacker.test' })).status).toBe('Fail');
    expect((await dmarc(REJECT, { dkim: [foreign] })).status).toBe('Fail');
    expect((await dmarc(record('p=reject; adkim=s'), { dkim: [slow] })).status).toBe('Fail');
    expect((await dmarc(REJECT, { dkim: [slow], spf: 'example.org' })).status).toBe('Pass');
    expect((await dmarc({}, { dkim: [slow] })).status).toBe('None');
  });

  it('of our own with the signatures is TempError, and so is a header nobody could read', async () => {
    const deps = { resolver: createFakeResolver(REJECT), clock: createFakeClock() };
    const dkim = dkimTrouble('no time');
    expect((await checkDmarc(deps, { ...argsOf({}), dkim })).status).toBe('TempError');
    const unread = { ...argsOf({ from: [], fields: 0 }), dkim };
    expect(await checkDmarc(deps, unread)).toMatchObject({ status: 'TempError', explanation: 'no time' });
  });

  it('of a resolver that never answers ends with the time', async () => {
    const clock = createFakeClock();
    const checked = checkDmarc({ resolver: silentResolver, clock }, { ...argsOf({}), deadlineMs: 1000 });
    await clock.settle();
    await clock.advance(1001);
    expect(await checked).toMatchObject({
      status: 'TempError',
      explanation: 'the DMARC check took too long',
    });
  });

  it('lets a handler end in its 30 seconds, though SPF has taken all of its 20', async () => {
    const clock = createFakeClock();
    const silent: FakeResolver = {
      ...createFakeResolver(),
      resolve: (_name, _type, options) => {
        expect(options?.signal?.aborted).toBe(false);
        return new Promise(() => undefined);
      },
    };
    const checked = checkDmarc({ resolver: silent, clock }, argsOf({}));
    await clock.settle();
    await clock.advance(8000);
    expect((await checked).status).toBe('TempError');
  });

  it('of a resolver that throws is TempError', async () => {
    const broken: FakeResolver = {
      ...createFakeResolver(),
      resolve: () => Promise.reject(new Error('boom')),
    };
    expect((await dmarc({}, {}, broken)).status).toBe('TempError');
  });
});

/** The other checks as policies call them: arguments in, variables and answers out. */
import { describe, expect, it } from 'vitest';
import type { GeoReader } from '../../../../src/checks/geo-ip.js';
import { createFactBus } from '../../../../src/core/facts.js';
import { createMethods } from '../../../../src/hooks/methods/index.js';
import type { VariableValues } from '../../../../src/hooks/ports.js';
import type { EventName } from '../../../../src/hooks/table/index.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { createMemoryChecks } from '../../../helpers/memory-checks.js';
import { createFakeResolver } from '../../../helpers/fake-resolver.js';
import { call, type Loose, loosePolicy, openBench } from '../../../helpers/policy-bench.js';

const ZONE = {
  'example.org TXT': ['v=spf1 ip4:192.0.2.1 -all'],
  'example.org MX': [{ exchange: 'mx.example.org', preference: 10 }],
  'mx.example.org A': ['192.0.2.25'],
  'client.example TXT': ['v=spf1 -all'],
  'null.example MX': [{ exchange: '', preference: 0 }],
  '1.2.0.192.in-addr.arpa PTR': ['client.example'],
  'client.example A': ['192.0.2.1'],
};

const GERMANY: GeoReader = { lookup: () => ({ country: 'DE', continent: 'EU', prefixLength: 24 }) };

async function asked(
  event: EventName,
  act: (ctx: Loose) => unknown,
  values: VariableValues = {},
  geo?: GeoReader,
): Promise<{ answer: unknown; failure: string | undefined; value: (name: never) => unknown }> {
  let answer: unknown;
  const resolver = createFakeResolver(ZONE);
  const policy = loosePolicy({ name: 'p', [event]: async (ctx: Loose) => void (answer = await act(ctx)) });
  const methods = createMethods({
    resolver,
    clock: createFakeClock(),
    facts: createFactBus(() => undefined),
    store: createMemoryChecks(),
    hostname: 'mx.test',
    geo: () => geo,
  });
  const bench = openBench(policy, { methods });
  const { failure } = await bench.run(event, {
    remoteSmtpIp: '192.0.2.1',
    ehloHost: 'client.example',
    ...values,
  });
  return { answer, failure: failure?.message, value: (name) => bench.session.value(name) };
}

describe('checkSPF', () => {
  it('checks the sender, and the EHLO name where there is no sender yet or none at all', async () => {
    const sender = await asked('onMailFrom', (ctx) => call(ctx, 'checkSPF'), { mailFrom: 'a@example.org' });
    expect(sender.answer).toMatchObject({ SPFResult: 'Pass' });
    expect(sender.value('SPFResult' as never)).toBe('Pass');
    const ehlo = await asked('onEhlo', (ctx) => call(ctx, 'checkSPF'), { mailFrom: 'a@example.org' });
    expect(ehlo.answer).toMatchObject({ SPFResult: 'Fail' });
    const bounce = await asked('onMailFrom', (ctx) => call(ctx, 'checkSPF'), { mailFrom: '' });
    expect(bounce.answer).toMatchObject({ SPFResult: 'Fail' });
  });

  it('uses the sender that the handler has just written', async () => {
    const { answer } = await asked('onMailFrom', (ctx) => {
      ctx['mailFrom'] = 'a@example.org';
      return call(ctx, 'checkSPF');
    });
    expect(answer).toMatchObject({ SPFResult: 'Pass' });
  });
});

describe('checkReverseDNS', () => {
  it('gives the confirmed name', async () => {
    const { answer, value } = await asked('onEhlo', (ctx) => call(ctx, 'checkReverseDNS'));
    expect(answer).toEqual({ ReverseDNSResult: 'pass', name: 'client.example' });
    expect(value('ReverseDNSResult' as never)).toBe('pass');
  });
});

describe('checkSenderMX', () => {
  it.each([
    ['example.org', 'Pass'],
    ['null.example', 'Fail'],
    ['', 'Neutral'],
  ])('of %j is %s', async (mailFromDomain, result) => {
    const { answer, value } = await asked('onMailFrom', (ctx) => call(ctx, 'checkSenderMX'), {
      mailFromDomain,
    });
    expect(answer).toMatchObject({ SenderMXCheckResult: result });
    expect(value('SenderMXCheckResult' as never)).toBe(result);
  });

  it('asks about the domain of a sender that the handler has just written', async () => {
    const { answer } = await asked(
      'onMailFrom',
      (ctx) => {
        ctx['mailFrom'] = 'a@null.example';
        return call(ctx, 'checkSenderMX');
      },
      { mailFrom: 'a@example.org', mailFromDomain: 'example.org' },
    );
    expect(answer).toMatchObject({ SenderMXCheckResult: 'Fail' });
  });
});

describe('checkGeoIp', () => {
  it('takes the lists by argument or by variable', async () => {
    const lists = { BannedCountries: 'FR DE', ActionGeoIPBan: 'tmpreject' };
    const byArgument = await asked('onConnect', (ctx) => call(ctx, 'checkGeoIp', lists), {}, GERMANY);
    const byVariable = await asked(
      'onConnect',
      (ctx) => {
        Object.assign(ctx, lists);
        return call(ctx, 'checkGeoIp');
      },
      {},
      GERMANY,
    );
    for (const { answer, value } of [byArgument, byVariable]) {
      expect(answer).toMatchObject({ GeoIPResult: 'DE', IsGeoIPBanned: 'yes', status: 'found', asn: 0 });
      expect(value('IsGeoIPBanned' as never)).toBe('yes');
      expect(value('ActionGeoIPBan' as never)).toBe('TmpReject');
    }
  });

  it('knows nothing and bans nothing without a database', async () => {
    const { answer } = await asked('onConnect', (ctx) => call(ctx, 'checkGeoIp', { BannedCountries: 'DE' }));
    expect(answer).toEqual({
      GeoIPResult: '',
      IsGeoIPBanned: 'no',
      status: 'unavailable',
      asn: 0,
      asnOrganization: '',
    });
  });

  it.each([
    ['DE', 'checkGeoIp in onConnect: takes { AllowedCountries, BannedCountries }'],
    [null, 'checkGeoIp in onConnect: takes { AllowedCountries, BannedCountries }'],
    [
      { Banned: 'DE' },
      'checkGeoIp in onConnect: has no argument "Banned"; known: AllowedCountries, BannedCountries, ActionGeoIPBan',
    ],
    [
      { BannedCountries: 'FR, Germany' },
      'checkGeoIp in onConnect: cannot use BannedCountries: Germany is no country code; write DE',
    ],
    [
      { AllowedCountries: 'X1' },
      'checkGeoIp in onConnect: cannot use AllowedCountries: X1 is no country code; codes have two letters, such as DE',
    ],
    [{ ActionGeoIPBan: 'ban' }, 'ActionGeoIPBan = "ban": takes one of Reject, Accept, TmpReject'],
  ])('fails the handler for %j', async (argument, message) => {
    expect((await asked('onConnect', (ctx) => call(ctx, 'checkGeoIp', argument))).failure).toBe(message);
  });
});

describe('filters', () => {
  it('are refused in words until this version has a client for them', async () => {
    const filter = { type: 'clamd', address: 'inet://127.0.0.1:3310' };
    const { answer, value } = await asked('onConnect', (ctx) => call(ctx, 'addFilter', 'clamav', filter));
    expect(answer).toEqual({
      addFilterResult: 'BadType',
      addFilterExplanation: 'this version has no client for filterType "clamd"',
    });
    expect(value('addFilterResult' as never)).toBe('BadType');
    expect((await asked('onConnect', (ctx) => call(ctx, 'executeFilters', 'c*'))).answer).toEqual([]);
  });

  it('check the name, also when it was set as variable', async () => {
    const { answer } = await asked('onConnect', (ctx) => {
      ctx['filterName'] = 'no blanks allowed';
      return call(ctx, 'addFilter');
    });
    expect(answer).toMatchObject({ addFilterResult: 'BadName' });
  });

  it.each([
    ['inet://[::1]:3310', 'BadType'],
    ['local:///run/clamd.sock', 'BadType'],
    ['127.0.0.1:3310', 'BadAddress'],
    ['inet://127.0.0.1', 'BadAddress'],
    ['local://run/clamd.sock', 'BadAddress'],
    ['', 'BadAddress'],
  ])('looks at the address %j', async (address, addFilterResult) => {
    const { answer } = await asked('onConnect', (ctx) =>
      call(ctx, 'addFilter', 'av', { type: 'clamd', address }),
    );
    expect(answer).toMatchObject({ addFilterResult });
  });

  it.each([
    [
      ['x', { type: 'virus', address: 'x' }],
      'filterType = "virus": takes one of milter, spamd, clamd, rspamd, http',
    ],
    [['x', 5], 'addFilter in onConnect: the second argument is { type, address }'],
    [['x', null], 'addFilter in onConnect: the second argument is { type, address }'],
    [[5], 'filterName = 5: takes a text, not number'],
  ])('fail the handler for %j', async (args, message) => {
    expect((await asked('onConnect', (ctx) => call(ctx, 'addFilter', ...args))).failure).toBe(message);
  });
});

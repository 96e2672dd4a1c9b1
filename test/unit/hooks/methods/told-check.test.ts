import { describe, expect, it } from 'vitest';
import { dkimTrouble } from '../../../../src/checks/signatures/dkim.js';
import { arcTrouble } from '../../../../src/checks/signatures/arc.js';
import { createFactBus } from '../../../../src/core/facts.js';
import { told } from '../../../../src/hooks/methods/told-check.js';
import type { EventName, MethodName } from '../../../../src/hooks/table/index.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { createFakeResolver } from '../../../helpers/fake-resolver.js';
import { call, type Loose, loosePolicy, openBench } from '../../../helpers/policy-bench.js';

const DOWN = {
  '1.2.0.192.bl.example A': 'timeout',
  'example.org TXT': 'timeout',
  'example.org MX': 'servfail',
  '1.2.0.192.in-addr.arpa PTR': 'refused',
} as const;

const VALUES = {
  remoteSmtpIp: '192.0.2.1',
  ehloHost: 'client.example',
  mailFrom: 'a@example.org',
  mailFromDomain: 'example.org',
};

async function toldBy(event: EventName, method: MethodName, ...args: unknown[]): Promise<readonly unknown[]> {
  const policy = loosePolicy({ name: 'p', [event]: (ctx: Loose) => call(ctx, method, ...args) });
  const bench = openBench(policy, { resolver: createFakeResolver(DOWN) });
  await bench.run(event, VALUES);
  return bench.facts.filter(({ name }) => name.startsWith('check.')).map(({ body }) => body);
}

describe('a check that a policy asks for', () => {
  it.each<[string, EventName, MethodName, readonly unknown[], string, string]>([
    [
      'dnsbl',
      'onConnect',
      'checkDNSBL',
      [['free.example', 'bl.example']],
      'tempError',
      'bl.example: fake timeout',
    ],
    ['spf', 'onMailFrom', 'checkSPF', [], 'TempError', 'timeout'],
    ['sender-mx', 'onMailFrom', 'checkSenderMX', [], 'Error', 'servfail'],
    ['reverse-dns', 'onEhlo', 'checkReverseDNS', [], 'error', 'refused'],
  ])(
    '%s is told, and in trouble told with its reason',
    async (...[check, event, method, args, status, why]) => {
      expect(await toldBy(event, method, ...args)).toEqual([
        { check, status, ms: 0 },
        { check, status, reason: expect.stringContaining(why) as string },
      ]);
    },
  );

  it('is told once for several lists, by what decided', async () => {
    const policy = loosePolicy({
      name: 'p',
      onConnect: (ctx: Loose) => call(ctx, 'checkDNSBL', ['a.example', 'b.example']),
    });
    const resolver = createFakeResolver({ '1.2.0.192.b.example A': ['127.0.0.2'] });
    const bench = openBench(policy, { resolver });
    await bench.run('onConnect', VALUES);
    expect(bench.facts.map(({ body }) => body)).toContainEqual({ check: 'dnsbl', status: 'listed', ms: 0 });
    expect(bench.facts.some(({ name }) => name === 'check.trouble')).toBe(false);
  });

  it('is told without a database as well', async () => {
    expect(await toldBy('onConnect', 'checkGeoIp')).toEqual([
      { check: 'geoip', status: 'unavailable', ms: 0 },
    ]);
  });
});

describe('signatures and DMARC', () => {
  it('are told each by itself, with the SPF that DMARC asked for', async () => {
    const verified = {
      dkim: dkimTrouble('no keys'),
      arc: arcTrouble('no seals'),
      author: { addresses: ['a@example.org'], fields: 1 },
    };
    const policy = loosePolicy({
      name: 'p',
      async onDataReceived(ctx: Loose) {
        await call(ctx, 'checkDKIM');
        await call(ctx, 'checkARC');
        await call(ctx, 'checkDMARC');
      },
    });
    const bench = openBench(policy, { resolver: createFakeResolver(DOWN) });
    const message = { verify: () => Promise.resolve(verified) };
    await bench.run('onDataReceived', VALUES, { message: message as never });
    const ran = bench.facts.flatMap((one) =>
      one.name === 'check.ran' ? [`${one.body.check} ${one.body.status}`] : [],
    );
    expect(ran).toEqual(['dkim TempError', 'arc TempError', 'spf TempError', 'dmarc None']);
  });
});

describe('the time of a check', () => {
  it('is that of the waiting', async () => {
    const clock = createFakeClock();
    const facts = createFactBus(() => undefined);
    const bodies: unknown[] = [];
    facts.subscribe('check.ran', (body) => bodies.push(body));
    const asking = new Promise<string>((resolve) => {
      clock.after(250, () => {
        resolve('x');
      });
    });
    const outcome = told({ clock, facts }, 'c', asking, (status) => ({ status, explanation: '' }));
    await clock.advance(250);
    expect(await outcome).toBe('x');
    expect(bodies).toEqual([{ check: 'c', status: 'x', ms: 250 }]);
  });
});

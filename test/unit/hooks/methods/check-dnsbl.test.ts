import { describe, expect, it } from 'vitest';
import { createFakeResolver, type FakeResolver } from '../../../helpers/fake-resolver.js';
import {
  type Bench,
  type BenchOptions,
  call,
  type Loose,
  loosePolicy,
  openBench,
} from '../../../helpers/policy-bench.js';

function resolver(): FakeResolver {
  return createFakeResolver({
    '1.2.0.192.listed.example A': ['127.0.0.4', '127.0.0.2'],
    '1.2.0.192.listed.example TXT': ['spam source'],
    '1.2.0.192.silent.example A': ['127.0.0.9'],
    '1.2.0.192.refuses.example A': ['127.255.255.254'],
    '1.2.0.192.parked.example A': ['203.0.113.7'],
    '1.2.0.192.dead.example A': 'timeout',
    '1.2.0.192.broken.example A': 'servfail',
  });
}

/** What a handler sees after it has asked; `act` asks. */
async function asked(
  act: (ctx: Loose) => unknown,
  options: BenchOptions = {},
): Promise<{ answer: unknown; seen: readonly unknown[]; bench: Bench; failure: string | undefined }> {
  let answer: unknown;
  let seen: readonly unknown[] = [];
  const policy = loosePolicy({
    name: 'p',
    onConnect: async (ctx: Loose) => {
      answer = await act(ctx);
      seen = [ctx['DNSBLServer'], ctx['DNSBLResult'], ctx['DNSBLExplanation']];
    },
  });
  const bench = openBench(policy, { resolver: resolver(), ...options });
  const { failure } = await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
  return { answer, seen, bench, failure: failure?.message };
}

describe('checkDNSBL', () => {
  it('takes the zone by argument or by variable, and answers both ways', async () => {
    const byArgument = await asked((ctx) => call(ctx, 'checkDNSBL', 'listed.example'));
    const byVariable = await asked((ctx) => {
      ctx['DNSBLServer'] = 'listed.example';
      return call(ctx, 'checkDNSBL');
    });
    for (const { answer, seen } of [byArgument, byVariable]) {
      expect(answer).toEqual({
        DNSBLResult: '127.0.0.2',
        DNSBLExplanation: 'spam source',
        status: 'listed',
        zone: 'listed.example',
        codes: ['127.0.0.2', '127.0.0.4'],
        lists: [
          {
            zone: 'listed.example',
            status: 'listed',
            codes: ['127.0.0.2', '127.0.0.4'],
            explanation: 'spam source',
          },
        ],
      });
      expect(seen).toEqual(['listed.example', '127.0.0.2', 'spam source']);
    }
  });

  it('names list and code where the list gives no reason', async () => {
    const { answer } = await asked((ctx) => call(ctx, 'checkDNSBL', 'silent.example'));
    expect(answer).toMatchObject({ DNSBLExplanation: 'listed in silent.example (127.0.0.9)' });
  });

  it.each([
    ['free.example', 'notListed', ''],
    ['refuses.example', 'listError', 'refuses.example answered 127.255.255.254, which is no listing'],
    ['parked.example', 'listError', 'parked.example answered 203.0.113.7, which is no listing'],
    ['dead.example', 'tempError', 'dead.example: fake timeout'],
    ['broken.example', 'tempError', 'broken.example: fake servfail'],
  ])('%s is %s and never a listing', async (zone, status, explanation) => {
    const { answer, seen } = await asked((ctx) => call(ctx, 'checkDNSBL', zone));
    const list = { zone, status, codes: [], explanation };
    const rest = { status, zone, codes: [], lists: [list] };
    expect(answer).toEqual({ DNSBLResult: '', DNSBLExplanation: explanation, ...rest });
    expect(seen).toEqual([zone, '', explanation]);
  });

  it('forgets an earlier listing when the next list does not list', async () => {
    const { seen } = await asked(async (ctx) => {
      await call(ctx, 'checkDNSBL', 'listed.example');
      await call(ctx, 'checkDNSBL', 'free.example');
    });
    expect(seen).toEqual(['free.example', '', '']);
  });

  it.each([
    [['free.example', 'silent.example', 'listed.example'], 'listed', 'silent.example'],
    [['dead.example', 'listed.example'], 'listed', 'listed.example'],
    [['free.example', 'dead.example', 'parked.example'], 'tempError', 'dead.example'],
    [['free.example', 'other.example'], 'notListed', 'free.example'],
  ])('of several zones %j is %s by %s', async (zones, status, zone) => {
    const { answer, seen } = await asked((ctx) => call(ctx, 'checkDNSBL', zones));
    expect(answer).toMatchObject({ status, zone });
    expect(seen[0]).toBe(zone);
  });

  it('tells what each of several zones said, in their order', async () => {
    const zones = ['free.example', 'silent.example', 'dead.example', 'listed.example'];
    const { answer } = await asked((ctx) => call(ctx, 'checkDNSBL', zones));
    expect(answer).toMatchObject({
      zone: 'silent.example',
      codes: ['127.0.0.9'],
      lists: [
        { zone: 'free.example', status: 'notListed', codes: [], explanation: '' },
        { zone: 'silent.example', codes: ['127.0.0.9'], explanation: 'listed in silent.example (127.0.0.9)' },
        { zone: 'dead.example', status: 'tempError', codes: [], explanation: 'dead.example: fake timeout' },
        { zone: 'listed.example', codes: ['127.0.0.2', '127.0.0.4'], explanation: 'spam source' },
      ],
    });
  });

  it('asks several zones at once', async () => {
    const fake = resolver();
    await asked((ctx) => call(ctx, 'checkDNSBL', ['a.example', 'b.example', 'c.example']), {
      resolver: fake,
    });
    expect(fake.asked).toEqual(['a', 'b', 'c'].map((list) => `1.2.0.192.${list}.example A`));
  });

  it.each([
    ['nothing', [], 'checkDNSBL in onConnect: no zone: set DNSBLServer or give one as argument'],
    ['an empty list', [[]], 'checkDNSBL in onConnect: takes 1 to 32 zones'],
    ['33 zones', [new Array(33).fill('a.example')], 'checkDNSBL in onConnect: takes 1 to 32 zones'],
    ['a number', [5], 'DNSBLServer = 5: takes a text, not number'],
    ['a number among zones', [['a.example', 5]], 'DNSBLServer = 5: takes a text, not number'],
  ])('fails the handler for %s', async (_, args, message) => {
    const { failure, bench } = await asked((ctx) => call(ctx, 'checkDNSBL', ...args));
    expect(failure).toContain(message);
    expect(bench.session.value('DNSBLServer')).toBeUndefined();
  });

  it.each([
    ['a number', 5],
    ['a number among zones', ['a.example', 5]],
  ])('fails the handler for %s also where refused writes are ignored', async (_, argument) => {
    const fake = resolver();
    const { failure } = await asked((ctx) => call(ctx, 'checkDNSBL', argument), {
      onIgnoredWrite: 'ignore',
      resolver: fake,
    });
    expect(failure).toBe('DNSBLServer = 5: takes a text, not number');
    expect(fake.asked).toEqual([]);
  });

  it('is taken back with its handler', async () => {
    const { bench } = await asked(async (ctx) => {
      await call(ctx, 'checkDNSBL', 'listed.example');
      throw new Error('after all');
    });
    for (const name of ['DNSBLServer', 'DNSBLResult', 'DNSBLExplanation'] as const)
      expect(bench.session.value(name)).toBeUndefined();
  });

  it('stays known in later events of the session', async () => {
    const { bench } = await asked((ctx) => call(ctx, 'checkDNSBL', 'listed.example'));
    await bench.run('onEhlo');
    expect(bench.session.value('DNSBLResult')).toBe('127.0.0.2');
  });
});

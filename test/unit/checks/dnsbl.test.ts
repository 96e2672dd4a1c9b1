import { describe, expect, it } from 'vitest';
import { checkDnsbl, checkDnsbls } from '../../../src/checks/dnsbl.js';
import { probeDnsbl } from '../../../src/checks/dnsbl-probe.js';
import type { Resolver } from '../../../src/dns/resolver.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

describe('a block list', () => {
  it('lists with its codes in order and its reason', async () => {
    const resolver = createFakeResolver({
      '1.2.0.192.bl.example A': ['127.0.0.10', '127.0.0.4', '127.0.0.10'],
      '1.2.0.192.bl.example TXT': ['spam\r\n source', 'see https://bl.example'],
    });
    expect(
      await checkDnsbl({ resolver, clock: createFakeClock() }, { ip: '192.0.2.1', zone: ' bl.example. ' }),
    ).toEqual({
      status: 'listed',
      zone: 'bl.example',
      codes: ['127.0.0.4', '127.0.0.10'],
      explanation: 'spam source see https://bl.example',
      evidence: [
        'A 1.2.0.192.bl.example: 127.0.0.10, 127.0.0.4, 127.0.0.10',
        'TXT 1.2.0.192.bl.example: spam source, see https://bl.example',
      ],
    });
  });

  it.each(['timeout', 'servfail', 'none', 'nxdomain'] as const)(
    'lists also when the reason is %s',
    async (txt) => {
      const resolver = createFakeResolver({
        '1.2.0.192.bl.example A': ['127.0.0.2'],
        '1.2.0.192.bl.example TXT': txt,
      });
      const outcome = await checkDnsbl(
        { resolver, clock: createFakeClock() },
        { ip: '192.0.2.1', zone: 'bl.example' },
      );
      expect(outcome).toMatchObject({ status: 'listed', explanation: '', codes: ['127.0.0.2'] });
    },
  );

  it('does not list, and is not asked for a reason then', async () => {
    const resolver = createFakeResolver();
    const outcome = await checkDnsbl(
      { resolver, clock: createFakeClock() },
      { ip: '192.0.2.1', zone: 'bl.example' },
    );
    expect(outcome).toMatchObject({ status: 'notListed', codes: [], explanation: '' });
    expect(resolver.asked).toEqual(['1.2.0.192.bl.example A']);
  });

  it.each([['127.255.255.254'], ['127.255.255.252'], ['192.0.2.80'], ['128.0.0.1']])(
    'has an error when it answers %s',
    async (code) => {
      const resolver = createFakeResolver({ '1.2.0.192.bl.example A': ['127.0.0.2', code] });
      const outcome = await checkDnsbl(
        { resolver, clock: createFakeClock() },
        { ip: '192.0.2.1', zone: 'bl.example' },
      );
      expect(outcome).toMatchObject({ status: 'listError', codes: [] });
      expect(outcome.explanation).toContain(code);
      expect(resolver.asked).toHaveLength(1);
    },
  );

  it.each(['timeout', 'servfail', 'refused', 'network', 'malformed', 'aborted'] as const)(
    'is unknown on %s',
    async (trouble) => {
      const resolver = createFakeResolver({ '1.2.0.192.bl.example A': trouble });
      const outcome = await checkDnsbl(
        { resolver, clock: createFakeClock() },
        { ip: '192.0.2.1', zone: 'bl.example' },
      );
      expect(outcome).toMatchObject({ status: 'tempError', codes: [] });
    },
  );

  it('is asked for IPv6 by nibbles, and for mapped addresses as IPv4', async () => {
    const name = '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example';
    const resolver = createFakeResolver({
      [`${name} A`]: ['127.0.0.2'],
      '1.2.0.192.bl.example A': ['127.0.0.3'],
    });
    expect(
      (await checkDnsbl({ resolver, clock: createFakeClock() }, { ip: '2001:db8::1', zone: 'bl.example' }))
        .codes,
    ).toEqual(['127.0.0.2']);
    const mapped = await checkDnsbl(
      { resolver, clock: createFakeClock() },
      { ip: '::ffff:192.0.2.1', zone: 'bl.example' },
    );
    expect(mapped.codes).toEqual(['127.0.0.3']);
  });

  it.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', 'fe80::1%eth0', '::1', 'fc00::1'])(
    'is asked for %s like for any other address',
    async (ip) => {
      const resolver = createFakeResolver();
      expect(
        (await checkDnsbl({ resolver, clock: createFakeClock() }, { ip, zone: 'bl.example' })).status,
      ).toBe('notListed');
      expect(resolver.asked).toHaveLength(1);
    },
  );

  it('has an error without a zone or an address', async () => {
    const resolver = createFakeResolver();
    expect(
      (await checkDnsbl({ resolver, clock: createFakeClock() }, { ip: '192.0.2.1', zone: ' ' })).status,
    ).toBe('listError');
    expect(
      (await checkDnsbl({ resolver, clock: createFakeClock() }, { ip: '192.0.2.1', zone: 'bad zone!' }))
        .status,
    ).toBe('listError');
    expect(
      (await checkDnsbl({ resolver, clock: createFakeClock() }, { ip: 'nobody', zone: 'bl.example' })).status,
    ).toBe('listError');
    expect(resolver.asked).toEqual([]);
  });

  it('is one of several, asked at once and answered in order', async () => {
    const resolver = createFakeResolver({
      '1.2.0.192.a.example A': 'timeout',
      '1.2.0.192.c.example A': ['127.0.0.2'],
    });
    const zones = ['a.example', 'b.example', 'c.example'];
    const outcomes = await checkDnsbls({ resolver, clock: createFakeClock() }, { ip: '192.0.2.1', zones });
    expect(outcomes.map(({ zone, status }) => [zone, status])).toEqual([
      ['a.example', 'tempError'],
      ['b.example', 'notListed'],
      ['c.example', 'listed'],
    ]);
    expect(resolver.asked.slice(0, 3)).toEqual(zones.map((zone) => `1.2.0.192.${zone} A`));
  });
});

describe('the time of a list', () => {
  it('is five seconds, reason included; a listing counts without its reason', async () => {
    const clock = createFakeClock();
    const signals: (AbortSignal | undefined)[] = [];
    const resolver: Resolver = {
      resolve: (_name, type, options) => {
        // Read for both, as a resolver that waits does.
        const signal = options?.signal;
        if (type === 'TXT') signals.push(signal);
        return new Promise<never>((resolve) => {
          const answer = {
            status: 'found',
            records: ['127.0.0.2'],
            ttlSeconds: 1,
            authentic: false,
          } as const;
          if (type === 'A') clock.after(4000, () => resolve(answer as never));
        });
      },
      close: () => undefined,
    };
    const outcome = checkDnsbl({ resolver, clock }, { ip: '192.0.2.1', zone: 'bl.example' });
    await clock.advance(4999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ status: 'listed', codes: ['127.0.0.2'], explanation: '' });
    expect((await outcome).evidence[1]).toBe('TXT 1.2.0.192.bl.example: timeout');
    expect(signals[0]?.aborted).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('holds for the listing too', async () => {
    const clock = createFakeClock();
    const asked: (AbortSignal | undefined)[] = [];
    const resolver: Resolver = {
      resolve: (_name, _type, options) => {
        asked.push(options?.signal);
        return new Promise<never>(() => undefined);
      },
      close: () => undefined,
    };
    const lists = checkDnsbls({ resolver, clock }, { ip: '192.0.2.1', zones: ['a.example', 'b.example'] });
    await clock.advance(4999);
    expect(asked.map((signal) => signal?.aborted)).toEqual([false, false]);
    await clock.advance(1);
    const outcomes = await lists;
    expect(outcomes).toMatchObject([{ status: 'tempError' }, { status: 'tempError' }]);
    expect(outcomes[0]?.evidence).toEqual(['A 1.2.0.192.a.example: timeout']);
    expect(asked.map((signal) => signal?.aborted)).toEqual([true, true]);
    expect(clock.pending()).toBe(0);
  });

  it('costs neither signal nor timer where the answers are known', async () => {
    const clock = createFakeClock();
    let read = 0;
    const known: Resolver = {
      resolve: (_name, type, options) => {
        expect(options).toBeDefined();
        const records = type === 'A' ? ['127.0.0.2'] : ['spam'];
        return Promise.resolve({ status: 'found', records, ttlSeconds: 1, authentic: false } as never);
      },
      close: () => undefined,
    };
    const until = {
      get signal() {
        read += 1;
        return new AbortController().signal;
      },
    };
    const outcome = checkDnsbl({ resolver: known, clock }, { ip: '192.0.2.1', zone: 'bl.example', until });
    expect(clock.pending()).toBe(0);
    expect(await outcome).toMatchObject({ status: 'listed', explanation: 'spam' });
    expect(read).toBe(0);
  });

  it('ends when the client goes', async () => {
    const clock = createFakeClock();
    const gone = new AbortController();
    const resolver: Resolver = {
      resolve: (_name, _type, options) => {
        expect(options?.signal?.aborted).toBe(false);
        return new Promise<never>(() => undefined);
      },
      close: () => undefined,
    };
    const args = { ip: '192.0.2.1', zone: 'bl.example', until: gone };
    const outcome = checkDnsbl({ resolver, clock }, args);
    gone.abort();
    expect(await outcome).toMatchObject({ status: 'tempError' });
    expect(clock.pending()).toBe(0);
  });

  it('leaves no timer behind when the reason comes', async () => {
    const clock = createFakeClock();
    const resolver = createFakeResolver({
      '1.2.0.192.bl.example A': ['127.0.0.2'],
      '1.2.0.192.bl.example TXT': ['spam'],
    });
    const outcome = await checkDnsbl({ resolver, clock }, { ip: '192.0.2.1', zone: 'bl.example' });
    expect(outcome).toMatchObject({ status: 'listed', explanation: 'spam' });
    expect(clock.pending()).toBe(0);
  });
});

describe('the health of a block list', () => {
  const there = '2.0.0.127.bl.example A';
  const absent = '1.0.0.127.bl.example A';
  // ::FFFF:7F00:2 and ::FFFF:7F00:1 by nibbles, as in RFC 5782 §5.
  const zeros = '0.'.repeat(20);
  const there6 = `2.0.0.0.0.0.f.7.f.f.f.f.${zeros}bl.example A`;
  const absent6 = `1.0.0.0.0.0.f.7.f.f.f.f.${zeros}bl.example A`;
  const yes = ['127.0.0.2'];

  it.each([
    ['healthy', [4], { [there]: yes }],
    ['healthy', [6], { [there6]: yes }],
    ['healthy', [4, 6], { [there]: yes, [there6]: yes }],
    ['healthy', [4], { [there]: yes, [there6]: 'timeout' as const }],
    ['listsNothing', [], {}],
    ['listsEverything', [], { [there]: yes, [absent]: yes }],
    ['listsEverything', [4], { [there]: yes, [there6]: yes, [absent6]: yes }],
    ['listError', [], { [there]: ['192.0.2.1'], [absent]: ['192.0.2.1'] }],
    ['listError', [], { [there]: yes, [absent]: ['127.255.255.254'] }],
    ['tempError', [], { [there]: 'timeout' as const }],
  ])('is %s for the families %j', async (status, families, zone) => {
    const resolver = createFakeResolver(zone);
    const outcome = await probeDnsbl({ resolver, clock: createFakeClock() }, { zone: ' bl.example.' });
    expect(outcome).toMatchObject({ status, families, zone: 'bl.example' });
    expect(outcome.explanation === '').toBe(status === 'healthy');
    expect(outcome.evidence.length).toBeGreaterThanOrEqual(4);
  });

  it('is an error of a name that is none, without a question', async () => {
    const resolver = createFakeResolver();
    expect(await probeDnsbl({ resolver, clock: createFakeClock() }, { zone: 'no zone!' })).toMatchObject({
      status: 'listError',
    });
    expect(resolver.asked).toEqual([]);
  });
});

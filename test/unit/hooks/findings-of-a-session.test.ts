/** Findings belong to the message, or the greeting, for which they were asked: never to the next one. */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/policy.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import { gate, turns } from '../../helpers/gate.js';
import { call, loosePolicy, loosely, openBench } from '../../helpers/policy-bench.js';

const HELLO = { remoteSmtpIp: '192.0.2.1', ehloHost: 'c.example' };
const from = (mailFrom: string) => ({ ...HELLO, mailFrom });

/** A resolver whose answers wait for the gate. */
function gatedResolver(zone: Parameters<typeof createFakeResolver>[0]) {
  const door = gate();
  const fake = createFakeResolver(zone);
  return {
    door,
    resolver: {
      ...fake,
      async resolve<T extends 'TXT'>(name: string, type: T) {
        await door.passed;
        return await fake.resolve(name, type);
      },
    } as typeof fake,
  };
}

const settle = (): Promise<void> => turns(10);

describe('findings of a session', () => {
  it('a check that nobody awaited tells nothing about the next message', async () => {
    const { door, resolver } = gatedResolver({ 'bank.example TXT': ['v=spf1 +all'] });
    const careless = loosePolicy({
      name: 'careless',
      onMailFrom: loosely((ctx) => {
        if (String(ctx['mailFrom']).endsWith('bank.example'))
          (call(ctx, 'checkSPF') as Promise<unknown>).catch(() => undefined);
      }),
    });
    const bench = openBench(careless, { resolver });
    await bench.run('onMailFrom', from('x@bank.example'));
    bench.session.resetMessage();
    await bench.run('onMailFrom', from('y@other.example'));
    door.open();
    await settle();
    expect(bench.session.findings()).toEqual([]);
  });

  it('a check that ends after its handler tells nothing either', async () => {
    const { door, resolver } = gatedResolver({ 'bank.example TXT': ['v=spf1 +all'] });
    const slow = definePolicy({
      name: 'slow',
      onMailFrom: { timeoutMs: 100, handler: async (ctx) => void (await ctx.checkSPF()) },
    });
    const bench = openBench(slow, { resolver });
    const ended = bench.run('onMailFrom', from('x@bank.example'));
    await settle();
    await bench.clock.advance(101);
    expect((await ended).failure?.code).toBe('ERR_POLICY_TIMEOUT');
    bench.session.resetMessage();
    door.open();
    await settle();
    expect(bench.session.findings()).toEqual([]);
  });

  it('a refused EHLO leaves what the one before it found', async () => {
    const resolver = createFakeResolver({
      'one.example TXT': ['v=spf1 +all'],
      'two.example TXT': ['v=spf1 +all'],
    });
    const strict = definePolicy({
      name: 'strict',
      async onEhlo(ctx) {
        await ctx.checkSPF();
        if (ctx.ehloHost === 'two.example') ctx.smtpAction = 'reject';
      },
    });
    const bench = openBench(strict, { resolver });
    const names = () => bench.session.findings().map(({ properties }) => properties[0]?.value);
    await bench.run('onEhlo', { ...HELLO, ehloHost: 'one.example' });
    expect(names()).toEqual(['one.example']);
    await bench.run('onEhlo', { ...HELLO, ehloHost: 'two.example' });
    expect(names()).toEqual(['one.example']);
  });
});

import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import type { Policy } from '../../../src/hooks/types.js';
import { openBench, setOf } from '../../helpers/policy-bench.js';

const deciding = (name: string, action: 'reject' | 'accept'): Policy =>
  definePolicy({ name, onConnect: (ctx) => void (ctx.smtpAction = action) });

const INFO = { id: 's2', listener: 'test', remoteIp: '192.0.2.2', isVouchedFor: false };

describe('another set of policies', () => {
  it('is for new connections; an open one keeps the set it began with', async () => {
    const bench = openBench(deciding('old', 'reject'));
    const next = setOf(deciding('new', 'accept'));
    bench.runtime.replace(next);
    expect(bench.runtime.set).toBe(next);
    expect((await bench.run('onConnect')).decidedBy).toBe('old');
    const session = bench.runtime.openSession(INFO);
    expect((await session.run('onConnect', { values: {} })).decidedBy).toBe('new');
  });
});

describe('a disabled policy', () => {
  it('comes to the failure mode in open sessions too, and says why', async () => {
    const bench = openBench([definePolicy({ name: 'other' }), deciding('looping', 'accept')]);
    bench.runtime.disable('looping', 'it blocked the main thread 3 times');
    expect(bench.facts).toEqual([
      { name: 'policy.disabled', body: { policy: 'looping', reason: 'it blocked the main thread 3 times' } },
    ]);
    const message = 'policy "looping" is disabled: it blocked the main thread 3 times';
    expect(await bench.run('onConnect')).toMatchObject({
      action: 'tmpreject',
      decidedBy: 'looping',
      failure: { policy: 'looping', code: 'ERR_POLICY_DISABLED', message },
      step: 1,
    });
    expect(bench.steps()).toMatchObject([
      {
        n: 1,
        event: 'onConnect',
        reason: 'policy-failure',
        text: message,
        handlers: [
          { policy: 'looping', verdict: 'failed', failure: { code: 'ERR_POLICY_DISABLED', message } },
        ],
      },
    ]);
  });

  it('is left out where its own mode is accept', async () => {
    const policy = definePolicy({
      name: 'looping',
      onFailure: 'accept',
      onConnect: () => {
        throw new Error('must not run');
      },
    });
    const bench = openBench([policy, deciding('next', 'reject')]);
    bench.runtime.disable('looping', 'why');
    expect(await bench.run('onConnect')).toMatchObject({ decidedBy: 'next', failure: undefined });
    expect(bench.steps()[0]?.handlers?.map((handler) => [handler.policy, handler.verdict])).toEqual([
      ['looping', 'failed'],
      ['next', 'reject'],
    ]);
  });

  it('gets a new chance with another set', async () => {
    const bench = openBench(deciding('looping', 'accept'));
    bench.runtime.disable('looping', 'why');
    bench.runtime.replace(bench.runtime.set);
    expect((await bench.run('onConnect')).action).toBe('accept');
  });
});

describe('ignored writes', () => {
  it('are reported for at most a thousand different names', async () => {
    const bench = openBench(
      definePolicy({
        name: 'p',
        onConnect: (ctx) => {
          for (let i = 0; i < 1100; i += 1) Reflect.set(ctx, `name${i}`, 1);
        },
      }),
      { onIgnoredWrite: 'ignore' },
    );
    await bench.run('onConnect');
    expect(bench.logged).toHaveLength(1000);
  });
});

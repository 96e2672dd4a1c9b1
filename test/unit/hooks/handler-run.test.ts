import { describe, expect, it } from 'vitest';
import { createWatch } from '../../../src/hooks/watchdog/watch.js';
import type { Method } from '../../../src/hooks/methods/method.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import { call, type Loose, loosePolicy, openBench } from '../../helpers/policy-bench.js';

const later = (ms: number, bench: () => ReturnType<typeof openBench>): Promise<void> =>
  new Promise((resolve) => {
    bench().clock.after(ms, resolve);
  });

describe('ctx.signal', () => {
  function waiting() {
    let signal: AbortSignal | undefined;
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          ({ signal } = ctx);
          await new Promise(() => undefined);
        },
      }),
    );
    const running = bench.run('onConnect');
    return { bench, running, aborted: () => signal?.aborted };
  }

  it('aborts when the client is gone', async () => {
    const { bench, aborted } = waiting();
    await bench.clock.settle();
    expect(aborted()).toBe(false);
    bench.session.close('client');
    expect(aborted()).toBe(true);
  });

  it('aborts at the deadline', async () => {
    const { bench, running, aborted } = waiting();
    await bench.clock.advance(999);
    expect(aborted()).toBe(false);
    await bench.clock.advance(1);
    expect(aborted()).toBe(true);
    await running;
  });

  it('is aborted from the start when the client has gone before the event', async () => {
    const seen: boolean[] = [];
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void seen.push(ctx.signal.aborted) }),
    );
    bench.session.close('client');
    await bench.run('onConnect');
    expect(seen).toEqual([true]);
  });

  it('is one for the whole handler, and the connection keeps none of a handler that is over', async () => {
    const seen: AbortSignal[] = [];
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void seen.push(ctx.signal, ctx.signal) }),
    );
    await bench.run('onConnect');
    bench.session.close('client');
    expect(seen[1]).toBe(seen[0]);
    expect(seen.map((signal) => signal.aborted)).toEqual([false, false]);
  });

  it('reaches the checks, whose answer then is a temporary error', async () => {
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          bench.session.close('client');
          expect(await call(ctx, 'checkDNSBL', 'bl.example')).toMatchObject({ status: 'tempError' });
        },
      }),
    );
    expect((await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' })).failure).toBeUndefined();
  });
});

describe('a method that is not awaited', () => {
  const slow: Method = async (each) => {
    await later(10, () => bench);
    each.fill('DNSBLResult', '127.0.0.2');
    return 'late';
  };
  let bench: ReturnType<typeof openBench>;

  it('loses its result, which is logged, and harms nobody', async () => {
    bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void call(ctx, 'checkDNSBL', 'bl.example') }),
      { methods: { checkDNSBL: slow } },
    );
    expect((await bench.run('onConnect')).failure).toBeUndefined();
    expect(bench.logged).toEqual([
      {
        level: 'warn',
        message: 'a policy left methods un-awaited; their results are lost',
        fields: { policy: 'p', event: 'onConnect', pending: 1 },
      },
    ]);
    await bench.clock.advance(10);
    expect(bench.session.value('DNSBLResult')).toBeUndefined();
  });

  it('does not become an unhandled rejection when it fails', async () => {
    bench = openBench(loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void call(ctx, 'checkDNSBL') }), {
      methods: { checkDNSBL: () => Promise.reject(new Error('nobody listens')) },
    });
    expect((await bench.run('onConnect')).failure).toBeUndefined();
    await bench.clock.settle();
  });
});

describe('a method that is awaited', () => {
  it('throws into the handler, which may go on', async () => {
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          await expect(call(ctx, 'checkDNSBL', 7)).rejects.toMatchObject({ code: 'ERR_POLICY_VALUE' });
          ctx['smtpAction'] = 'accept';
        },
      }),
    );
    expect(await bench.run('onConnect')).toMatchObject({ action: 'accept', failure: undefined });
  });

  it('that this engine does not have fails the handler', async () => {
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => call(ctx, 'checkDNSBL', 'bl.example') }),
      { methods: {} },
    );
    expect((await bench.run('onConnect')).failure?.message).toBe(
      'checkDNSBL in onConnect: this engine was built without it',
    );
  });

  it('runs beside others, each with its own answer', async () => {
    const resolver = createFakeResolver({ '1.2.0.192.a.example A': ['127.0.0.2'] });
    const seen: unknown[] = [];
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          const answers = await Promise.all(
            ['a.example', 'b.example'].map((zone) => call(ctx, 'checkDNSBL', zone)),
          );
          seen.push(...answers);
        },
      }),
      { resolver },
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    expect(seen).toMatchObject([
      { status: 'listed', zone: 'a.example' },
      { status: 'notListed', zone: 'b.example' },
    ]);
  });
});

describe('the mark for the watchdog', () => {
  it('names the handler from its start to its first wait, and again after a method', async () => {
    const clock = createFakeClock();
    const watch = createWatch(clock);
    const mark = (): number | undefined => new Int32Array(watch.memory)[1];
    const seen: unknown[] = [];
    const bench = openBench(
      [
        loosePolicy({ name: 'first', onConnect: () => void seen.push(mark()) }),
        loosePolicy({
          name: 'second',
          onConnect: async (ctx: Loose) => {
            seen.push(mark());
            await Promise.resolve();
            seen.push(mark());
            await call(ctx, 'checkDNSBL', 'bl.example');
            seen.push(mark());
          },
        }),
      ],
      { watch },
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    expect(seen).toEqual([1, 2, 0, 2]);
    watch.stop();
  });

  it('does not name a handler that has ended before its method', async () => {
    const clock = createFakeClock();
    const watch = createWatch(clock);
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void call(ctx, 'checkDNSBL', 'bl.example') }),
      { watch },
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    await bench.clock.settle();
    expect(new Int32Array(watch.memory)[1]).toBe(0);
    watch.stop();
  });
});

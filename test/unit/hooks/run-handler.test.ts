import { describe, expect, it } from 'vitest';
import type { HeaderAccess, HeaderEdit } from '../../../src/hooks/ports.js';
import type { Policy } from '../../../src/hooks/types.js';
import { type Loose, call, loosePolicy, openBench } from '../../helpers/policy-bench.js';

/** A header block that only remembers its edits. */
function headers(edits: readonly string[] = []): HeaderAccess & { readonly edits: readonly string[] } {
  return {
    edits,
    get: () => undefined,
    getAll: () => [],
    entries: () => [],
    apply: (edit: HeaderEdit) => headers([...edits, edit.kind]),
  };
}

function onHeaders(handler: (ctx: Loose) => unknown, more: Record<string, unknown> = {}): Policy {
  return loosePolicy({ name: 'p', onHeadersReceived: { handler, ...more } });
}

function work(ctx: Loose): void {
  ctx['maxDataSize'] = 1;
  ctx['maxDataSize'] = 2;
  ctx['delayDelivery'] = '+1h';
  ctx['smtpAction'] = 'discard';
  ctx['smtpExplanation'] = 'half done';
  call(ctx, 'addHeader', 'X-Half', 'done');
  call(ctx, 'addRcpt', 'new@example.org');
  call(ctx, 'discardRcpt', 'a@example.org');
}

const given = () => ({ headers: headers(), recipients: ['a@example.org'] });
const broken = new Error('broken');

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('what a handler did', () => {
  it('stays when it ends', async () => {
    const bench = openBench(onHeaders(work));
    const outcome = await bench.run('onHeadersReceived', {}, given());
    expect(outcome).toMatchObject({ action: 'discard', explanation: 'half done' });
    expect(outcome.recipients).toEqual(['new@example.org']);
    expect(outcome.headers).toMatchObject({ edits: ['add'] });
    expect(bench.session.value('maxDataSize')).toBe(2);
  });

  it.each([
    ['throws', (ctx: Loose) => (work(ctx), Promise.reject(broken)), 0],
    [
      'throws at once',
      (ctx: Loose) => {
        work(ctx);
        throw broken;
      },
      0,
    ],
    [
      'throws after waiting',
      async (ctx: Loose) => {
        await Promise.resolve();
        work(ctx);
        await Promise.resolve();
        throw broken;
      },
      0,
    ],
    ['never ends', (ctx: Loose) => (work(ctx), new Promise(() => undefined)), 1000],
  ])('is taken back when it %s', async (_, handler, ms) => {
    const before = loosePolicy({
      name: 'before',
      onHeadersReceived: (ctx: Loose) => {
        ctx['maxDataSize'] = 500;
        call(ctx, 'addHeader', 'X-Before', 'kept');
        call(ctx, 'addRcpt', 'before@example.org');
      },
    });
    const bench = openBench([before, onHeaders(handler, { timeoutMs: 1000 })]);
    const running = bench.run('onHeadersReceived', { delayDelivery: '+5m' }, given());
    await bench.clock.advance(ms);
    const outcome = await running;
    expect(outcome).toMatchObject({ action: 'tmpreject', explanation: '', decidedBy: 'p' });
    expect(outcome.headers).toMatchObject({ edits: ['add'] });
    expect(outcome.recipients).toEqual(['a@example.org', 'before@example.org']);
    expect(bench.session.value('maxDataSize')).toBe(500);
    expect(bench.session.value('delayDelivery')).toBe('+5m');
    expect(bench.session.value('smtpAction')).toBeUndefined();
  });

  it('is taken back for the handlers after it, where the mode is accept', async () => {
    const seen: unknown[] = [];
    const after = loosePolicy({
      name: 'after',
      onHeadersReceived: (ctx: Loose) => {
        seen.push(ctx['maxDataSize'], ctx['smtpAction'], ctx['recipients']);
      },
    });
    const bench = openBench([onHeaders((ctx) => (work(ctx), Promise.reject(broken))), after], {
      onPolicyFailure: 'accept',
    });
    await bench.run('onHeadersReceived', {}, given());
    expect(seen).toEqual([10_240, undefined, ['a@example.org']]);
  });
});

describe('the deadline', () => {
  it('is that of the hook, else that of the operator', async () => {
    for (const [more, ms] of [
      [{ timeoutMs: 50 }, 50],
      [{}, 1000],
    ] as const) {
      const bench = openBench(onHeaders(() => new Promise(() => undefined), more));
      let ended = false;
      const running = bench.run('onHeadersReceived').finally(() => {
        ended = true;
      });
      await bench.clock.advance(ms - 1);
      expect(ended).toBe(false);
      await bench.clock.advance(1);
      expect((await running).failure).toEqual({
        policy: 'p',
        code: 'ERR_POLICY_TIMEOUT',
        message: `policy "p" did not end onHeadersReceived within ${ms} ms`,
      });
    }
  });

  it('leaves no timer behind a handler that ends in time', async () => {
    const { opened, open } = gate();
    const bench = openBench(onHeaders(() => opened));
    const running = bench.run('onHeadersReceived');
    await bench.clock.settle();
    expect(bench.clock.pending()).toBe(1);
    open();
    await running;
    expect(bench.clock.pending()).toBe(0);
  });

  it('needs no timer for a handler that waits for nothing', async () => {
    const bench = openBench(onHeaders(async () => Promise.resolve()));
    const running = bench.run('onHeadersReceived');
    await bench.clock.settle();
    expect(bench.clock.pending()).toBe(0);
    await running;
  });

  it('is each handler’s own', async () => {
    const wait = (ms: number) => async () => {
      await new Promise<void>((resolve) => {
        bench.clock.after(ms, resolve);
      });
    };
    const bench = openBench([
      loosePolicy({ name: 'a', onConnect: wait(900) }),
      loosePolicy({ name: 'b', onConnect: wait(900) }),
    ]);
    const running = bench.run('onConnect');
    await bench.clock.advance(1800);
    expect((await running).failure).toBeUndefined();
  });
});

describe('a handler past its deadline', () => {
  /** Runs a handler that goes on after its deadline, during the next event of the session. */
  async function late(act: (ctx: Loose) => unknown): Promise<{ thrown: unknown; bench: typeof bench }> {
    const { opened, open } = gate();
    let thrown: unknown = 'nothing';
    const ended = gate();
    const policy = loosePolicy({
      name: 'p',
      onMailFrom: async (ctx: Loose) => {
        await opened;
        try {
          await act(ctx);
        } catch (error) {
          thrown = error;
          throw error;
        } finally {
          ended.open();
        }
      },
      onRcptTo: async () => {
        open();
        await ended.opened;
      },
    });
    const bench = openBench(policy);
    const running = bench.run('onMailFrom', { mailFrom: 'a@example.org' });
    await bench.clock.advance(1000);
    await running;
    const next = await bench.run('onRcptTo', { rcptTo: 'b@example.org' }, given());
    expect(next).toMatchObject({ action: '', failure: undefined, recipients: ['a@example.org'] });
    return { thrown, bench };
  }

  it.each([
    ['smtpAction', 'reject'],
    ['maxDataSize', 1],
    ['mailFrom', 'x@example.net'],
  ])('cannot write %s any more, and is told so', async (name, value) => {
    const { thrown, bench } = await late((ctx) => (ctx[name] = value));
    expect(thrown).toMatchObject({
      code: 'ERR_POLICY_CLOSED',
      message: `${name} was used after the handler of onMailFrom had ended`,
    });
    expect(bench.session.value('maxDataSize')).toBe(10_240);
    expect(bench.session.value('smtpAction')).toBeUndefined();
    expect(bench.session.value('mailFrom')).toBe('a@example.org');
  });

  it('cannot call a method any more', async () => {
    const { thrown } = await late((ctx) => call(ctx, 'checkDNSBL', 'bl.example'));
    expect(thrown).toMatchObject({
      code: 'ERR_POLICY_CLOSED',
      message: 'checkDNSBL was used after the handler of onMailFrom had ended',
    });
  });

  it('is not heard when it throws', async () => {
    const { bench } = await late(() => {
      throw broken;
    });
    expect(bench.facts.filter(({ name }) => name === 'policy.failed')).toHaveLength(1);
    expect(bench.facts.filter(({ name }) => name === 'policy.ran')).toHaveLength(2);
  });
});

describe('a foreign promise', () => {
  it('is waited for', async () => {
    const policy = onHeaders((ctx) => ({
      then(done: () => void) {
        ctx['smtpAction'] = 'accept';
        done();
      },
    }));
    expect((await openBench(policy).run('onHeadersReceived')).action).toBe('accept');
  });

  it.each([
    [
      'throws from then',
      () => {
        throw broken;
      },
    ],
    ['rejects', (_: unknown, failed: (error: unknown) => void) => failed(broken)],
    [
      'settles twice',
      (done: () => void, failed: (error: unknown) => void) => {
        failed(broken);
        done();
      },
    ],
  ])('that %s fails its handler and no more', async (_, then) => {
    const outcome = await openBench(onHeaders(() => ({ then }))).run('onHeadersReceived');
    expect(outcome.failure?.message).toBe('policy "p" threw in onHeadersReceived: broken');
  });

  it('is not seen in a context that is returned', async () => {
    expect((await openBench(onHeaders((ctx) => ctx)).run('onHeadersReceived')).failure).toBeUndefined();
    expect((await openBench(onHeaders(async (ctx) => ctx)).run('onHeadersReceived')).failure).toBeUndefined();
  });
});

describe('the place of a failure', () => {
  function failureAt(stack: string): Promise<string | undefined> {
    const bench = openBench(
      onHeaders(() => {
        throw Object.assign(new Error('x'), { stack });
      }),
    );
    return bench.run('onHeadersReceived').then(() => bench.handler().failure?.at);
  }

  it('is the first frame in the file of the policy', async () => {
    const frames = ['at helper (/p/other.ts:3:1)', 'at inner (/p/test.ts:7:5)', 'at outer (/p/test.ts:9:1)'];
    expect(await failureAt(`Error: x\n    ${frames.join('\n    ')}`)).toBe('/p/test.ts:7');
    expect(await failureAt('Error: x\n    at async /p/test.ts:12:3')).toBe('/p/test.ts:12');
    expect(await failureAt('Error: x\n    at f (file:///p/test.ts:4:3)')).toBe('/p/test.ts:4');
  });

  it('is not read from the text of the error', async () => {
    expect(await failureAt('Error: cannot read /p/test.ts\n    at f (/p/test.ts:4:3)')).toBe('/p/test.ts:4');
    expect(await failureAt('Error: see /p/test.ts:1:1\n    at f (/p/test.ts:4:3)')).toBe('/p/test.ts:4');
  });

  it('is not that of a file whose name begins alike', async () => {
    expect(await failureAt('Error: x\n    at f (/p/test.tsx:4:3)')).toBeUndefined();
    expect(await failureAt('Error: x')).toBeUndefined();
    expect(await failureAt('')).toBeUndefined();
  });
});

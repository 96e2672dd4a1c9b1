import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { spfFail } from '../../../src/hooks/internal/spf-fail.js';
import type { EventName } from '../../../src/hooks/table/index.js';
import type { FailureMode, Policy } from '../../../src/hooks/types.js';
import { type Loose, loosely, loosePolicy, openBench } from '../../helpers/policy-bench.js';

/** A policy that notes that it ran and then does what it is told. */
function noting(seen: string[], name: string, act: (ctx: Loose) => unknown = () => undefined): Policy {
  return loosePolicy({
    name,
    onConnect: loosely((ctx) => {
      seen.push(name);
      return act(ctx);
    }),
  });
}

const decide = (action: string, explanation?: string) => (ctx: Loose) => {
  ctx['smtpAction'] = action;
  if (explanation !== undefined) ctx['smtpExplanation'] = explanation;
};

const fail = (): never => {
  throw new Error('no such table');
};

const INTERNAL = [{ file: 'internal', exported: spfFail }];

describe('the verdict', () => {
  it('is that of the first policy that decides, and ends the event', async () => {
    const seen: string[] = [];
    const policies = ['reject', 'tmpreject', 'accept', 'discard'].map((action) => [
      action,
      [noting(seen, 'a'), noting(seen, 'b', decide(action)), noting(seen, 'c', decide('reject'))],
    ]);
    for (const [action, exported] of policies) {
      seen.length = 0;
      expect(await openBench(exported).run('onConnect')).toMatchObject({
        event: 'onConnect',
        action,
        decidedBy: 'b',
        failure: undefined,
      });
      expect(seen).toEqual(['a', 'b']);
    }
  });

  it('is empty when nobody decides or nobody listens', async () => {
    const bench = openBench(definePolicy({ name: 'quiet', onConnect: () => undefined }));
    expect(bench.session.hears('onConnect')).toBe(true);
    expect(bench.session.hears('onEhlo')).toBe(false);
    for (const event of ['onConnect', 'onEhlo'] as const) {
      expect(await bench.run(event)).toMatchObject({ action: '', decidedBy: '', explanation: '' });
    }
  });

  it('comes from asynchronous handlers one after the other', async () => {
    const seen: string[] = [];
    const slow = (name: string): Policy =>
      loosePolicy({
        name,
        onConnect: async () => {
          seen.push(`${name} begins`);
          for (let i = 0; i < 5; i += 1) await Promise.resolve();
          seen.push(`${name} ends`);
        },
      });
    await openBench([slow('a'), slow('b')]).run('onConnect');
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('is frozen', async () => {
    expect(Object.isFrozen(await openBench([]).run('onConnect'))).toBe(true);
  });

  it('does not outlive its event', async () => {
    const bench = openBench(noting([], 'a', decide('reject', '5.7.1 no')));
    await bench.run('onConnect');
    expect(await bench.run('onEhlo')).toMatchObject({ action: '', explanation: '' });
  });
});

describe('the internal policy', () => {
  it('refuses an SPF failure when no policy has decided', async () => {
    const bench = openBench(definePolicy({ name: 'p' }), { last: INTERNAL });
    expect(
      await bench.run('onMailFrom', { SPFResult: 'Fail', SPFExplanation: 'not from here' }),
    ).toMatchObject({
      action: 'reject',
      decidedBy: 'internal:spf-fail',
      explanation: '550 5.7.23 SPF validation failed: not from here',
    });
    expect((await bench.run('onMailFrom', { SPFResult: 'SoftFail' })).action).toBe('');
  });

  it('is skipped by accept, and sees what a policy set', async () => {
    const accepts = definePolicy({ name: 'p', onMailFrom: (ctx) => void (ctx.smtpAction = 'accept') });
    const pardons = definePolicy({ name: 'p', onMailFrom: (ctx) => void (ctx.SPFResult = 'None') });
    const forbids = definePolicy({ name: 'p', onMailFrom: (ctx) => void (ctx.SPFResult = 'Fail') });
    const action = async (policy: Policy, SPFResult: string): Promise<string> =>
      (await openBench(policy, { last: INTERNAL }).run('onMailFrom', { SPFResult })).action;
    expect(await action(accepts, 'Fail')).toBe('accept');
    expect(await action(pardons, 'Fail')).toBe('');
    expect(await action(forbids, 'Pass')).toBe('reject');
  });
});

describe('the explanation', () => {
  it('has its variables filled in with their values at the end of the event', async () => {
    const bench = openBench(
      definePolicy({
        name: 'p',
        onMailFrom(ctx) {
          ctx.smtpExplanation = '550 %mailFrom% from %remoteSmtpIp%, 100%%, at most %maxDataSize% KB';
          ctx.mailFrom = 'new@example.org';
          ctx.smtpAction = 'reject';
        },
      }),
    );
    const { explanation } = await bench.run('onMailFrom', {
      mailFrom: 'old@example.org',
      remoteSmtpIp: '192.0.2.1',
    });
    expect(explanation).toBe('550 new@example.org from 192.0.2.1, 100%, at most 10240 KB');
  });

  it('keeps names that do not exist and logs them', async () => {
    const bench = openBench(noting([], 'p', decide('reject', 'no %mailForm%')));
    expect((await bench.run('onConnect')).explanation).toBe('no %mailForm%');
    expect(bench.logged).toEqual([
      {
        level: 'warn',
        message: 'a text names variables that do not exist; they stay as written',
        fields: { event: 'onConnect', unknown: ['mailForm'] },
      },
    ]);
  });

  it('is filled in for the greeting too', async () => {
    const bench = openBench(
      definePolicy({ name: 'p', onConnect: (ctx) => void (ctx.smtpGreeting = 'hello %remoteSmtpIp%') }),
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    expect(bench.session.value('smtpGreeting')).toBe('hello 192.0.2.1');
  });
});

describe('a handler that fails', () => {
  const bench = (exported: unknown, onPolicyFailure: FailureMode = 'tmpreject') =>
    openBench(exported, { onPolicyFailure });

  it.each(['tmpreject', 'reject'] as const)("comes to the operator's %s", async (mode) => {
    const seen: string[] = [];
    const outcome = await bench([noting(seen, 'a', fail), noting(seen, 'b')], mode).run('onConnect');
    expect(outcome).toMatchObject({
      action: mode,
      decidedBy: 'a',
      failure: {
        policy: 'a',
        code: 'ERR_POLICY_THREW',
        message: 'policy "a" threw in onConnect: no such table',
      },
    });
    expect(seen).toEqual(['a']);
  });

  it('is as if it were not loaded where the mode is accept: the others decide', async () => {
    const seen: string[] = [];
    const outcome = await bench(
      [noting(seen, 'a', fail), noting(seen, 'b', decide('discard'))],
      'accept',
    ).run('onConnect');
    expect(seen).toEqual(['a', 'b']);
    expect(outcome).toMatchObject({ action: 'discard', decidedBy: 'b' });
    // The failure did not decide, so the reply must not be the one for failures.
    expect(outcome.failure).toBeUndefined();
  });

  it('does not skip the internal policy where the mode is accept', async () => {
    const broken = definePolicy({ name: 'p', onFailure: 'accept', onMailFrom: fail });
    const outcome = await openBench(broken, { last: INTERNAL }).run('onMailFrom', { SPFResult: 'Fail' });
    expect(outcome).toMatchObject({ action: 'reject', decidedBy: 'internal:spf-fail', failure: undefined });
  });

  it.each([
    ['accept', 'reject', ''],
    ['reject', 'accept', 'reject'],
    ['tmpreject', 'reject', 'tmpreject'],
  ] as const)('comes to its own onFailure %s, not to %s', async (own, operators, action) => {
    const policy = definePolicy({ name: 'p', onFailure: own, onConnect: fail });
    expect((await bench(policy, operators).run('onConnect')).action).toBe(action);
  });

  it('does not answer with a text that an earlier policy left', async () => {
    const polite = noting([], 'a', (ctx) => void (ctx['smtpExplanation'] = '550 5.7.1 go away'));
    expect((await bench([polite, noting([], 'b', fail)]).run('onConnect')).explanation).toBe('');
  });

  it('is told as a fact with its place', async () => {
    const { facts, run } = bench(noting([], 'a', fail));
    await run('onConnect');
    expect(facts).toEqual([
      {
        name: 'policy.failed',
        body: {
          policy: 'a',
          event: 'onConnect',
          session: '0m7c3k9qab1x',
          code: 'ERR_POLICY_THREW',
          message: 'policy "a" threw in onConnect: no such table',
        },
      },
      { name: 'policy.ran', body: { policy: 'a', event: 'onConnect', ms: 0, verdict: 'failed' } },
    ]);
  });

  it.each([['text'], [undefined], [null], [{ code: 'ERR_X' }], [Object.create(null)]])(
    'may throw anything, such as %o',
    async (thrown) => {
      const policy = noting([], 'a', () => {
        throw thrown;
      });
      expect((await bench(policy).run('onConnect')).failure?.code).toBe('ERR_POLICY_THREW');
      const later = loosePolicy({ name: 'b', onConnect: async () => Promise.reject(thrown as Error) });
      expect((await bench(later).run('onConnect')).failure?.code).toBe('ERR_POLICY_THREW');
    },
  );
});

describe('facts about handlers', () => {
  it('say who ran, for how long, and what it came to', async () => {
    const slow = loosePolicy({
      name: 'slow',
      onConnect: async (ctx: Loose) => {
        await bench.clock.advance(25);
        ctx['smtpAction'] = 'reject';
      },
    });
    const bench = openBench([noting([], 'quiet'), slow]);
    await bench.run('onConnect');
    expect(bench.facts.map(({ body }) => body)).toEqual([
      { policy: 'quiet', event: 'onConnect', ms: 0, verdict: 'none' },
      { policy: 'slow', event: 'onConnect', ms: 25, verdict: 'reject' },
    ]);
  });
});

describe('typed state', () => {
  const counting = definePolicy({
    name: 'counting',
    session: () => ({ events: 0 }),
    message: () => ({ rcpts: 0 }),
    onEhlo: (ctx) => void (ctx.session.events += 1),
    onRcptTo(ctx) {
      ctx.session.events += 1;
      ctx.message.rcpts += 1;
      ctx.smtpExplanation = `${ctx.session.events}/${ctx.message.rcpts}`;
    },
  });
  const told = async (bench: ReturnType<typeof openBench>, event: EventName): Promise<string> =>
    (await bench.run(event)).explanation;

  it('of the session lasts for the connection, that of the message for the message', async () => {
    const bench = openBench(counting);
    await bench.run('onEhlo');
    expect(await told(bench, 'onRcptTo')).toBe('2/1');
    expect(await told(bench, 'onRcptTo')).toBe('3/2');
    bench.session.resetMessage();
    expect(await told(bench, 'onRcptTo')).toBe('4/1');
  });

  it('belongs to one connection', async () => {
    const bench = openBench(counting);
    await told(bench, 'onRcptTo');
    const other = bench.runtime.openSession({ id: 'b', listener: 'test', remoteIp: '192.0.2.2' });
    expect((await other.run('onRcptTo', { values: {} })).explanation).toBe('1/1');
  });

  it('belongs to one policy; without a factory it is an empty object', async () => {
    const plain = (name: string): Policy =>
      loosePolicy({
        name,
        onRcptTo: loosely((ctx) => {
          expect(ctx.session).toEqual({});
          expect(ctx.message).toEqual({});
          ctx.session['mine'] = name;
          expect(ctx.session).toEqual({ mine: name });
        }),
      });
    expect((await openBench([plain('a'), plain('b')]).run('onRcptTo')).failure).toBeUndefined();
  });

  it('of the message goes with it, by name of the policy, when it was used', async () => {
    const bench = openBench([counting, definePolicy({ name: 'other', message: () => ({ tag: 'x' }) })]);
    expect(bench.session.messageState()).toEqual({});
    await bench.run('onRcptTo');
    expect(bench.session.messageState()).toEqual({ counting: { rcpts: 1 } });
    bench.session.resetMessage();
    expect(bench.session.messageState()).toEqual({});
  });

  it.each(['session', 'message'])('fails the handler when its %s factory throws, each time', async (kind) => {
    let made = 0;
    const policy = loosePolicy({
      name: 'p',
      [kind]: () => {
        made += 1;
        throw new Error(`no ${kind} today`);
      },
      onRcptTo: loosely((ctx) => {
        ctx['smtpAction'] = 'accept';
        expect(ctx[kind]).toBeDefined();
      }),
    });
    const bench = openBench(policy);
    for (let i = 1; i <= 2; i += 1) {
      expect(await bench.run('onRcptTo')).toMatchObject({
        action: 'tmpreject',
        failure: { code: 'ERR_POLICY_THREW', message: `policy "p" threw in onRcptTo: no ${kind} today` },
      });
      expect(made).toBe(i);
    }
  });
});

describe('values between events', () => {
  const at = (event: EventName, act: (ctx: Loose) => void): Policy =>
    loosePolicy({ name: `at ${event}`, [event]: act });

  it('set in onEhlo hold for all messages, set in onMailFrom for one', async () => {
    const bench = openBench([
      at('onEhlo', (ctx) => void (ctx['maxDataSize'] = 100)),
      at('onMailFrom', (ctx) => {
        if (ctx['mailFrom'] === 'big@example.org') ctx['maxDataSize'] = 5000;
      }),
    ]);
    const size = () => bench.session.value('maxDataSize');
    expect(size()).toBe(10_240);
    await bench.run('onEhlo');
    expect(size()).toBe(100);
    await bench.run('onMailFrom', { mailFrom: 'big@example.org' });
    expect(size()).toBe(5000);
    bench.session.resetMessage();
    expect(size()).toBe(100);
    await bench.run('onMailFrom', { mailFrom: 'small@example.org' });
    expect(size()).toBe(100);
  });

  it('that live for one command are gone at the next', async () => {
    const bench = openBench(
      at('onRcptTo', (ctx) => {
        if (ctx['rcptTo'] === 'a@example.org') ctx['smtpExplanation'] = 'first';
      }),
    );
    expect((await bench.run('onRcptTo', { rcptTo: 'a@example.org' })).explanation).toBe('first');
    expect((await bench.run('onRcptTo', { rcptTo: 'b@example.org' })).explanation).toBe('');
  });

  it("start with the operator's settings", async () => {
    const bench = openBench([], { initial: { maxRcptCount: 7 } });
    expect(bench.session.value('maxRcptCount')).toBe(7);
  });

  it('let the parts of a rewritten sender follow it at once', async () => {
    const bench = openBench([
      definePolicy({
        name: 'rewrites',
        onMailFrom(ctx) {
          ctx.mailFrom = 'new"@"name@example.net';
          expect([ctx.mailFromLocalPart, ctx.mailFromDomain]).toEqual(['new"@"name', 'example.net']);
        },
      }),
      definePolicy({
        name: 'empties',
        onMailFrom(ctx) {
          expect(ctx.mailFromDomain).toBe('example.net');
          ctx.mailFrom = '';
          expect([ctx.mailFromLocalPart, ctx.mailFromDomain]).toEqual(['', '']);
          throw new Error('taken back');
        },
      }),
    ]);
    await bench.run('onMailFrom', { mailFrom: 'old@example.org', mailFromDomain: 'example.org' });
    expect(bench.session.value('mailFrom')).toBe('new"@"name@example.net');
    expect(bench.session.value('mailFromDomain')).toBe('example.net');
  });
});

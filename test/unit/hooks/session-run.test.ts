import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { spfFail } from '../../../src/hooks/internal/spf-fail.js';
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
      explanation: 'SPF validation failed: not from here',
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
    expect(explanation).toBe('new@example.org from 192.0.2.1, 100%, at most 10240 KB');
  });

  it('takes its codes from what the policy wrote, never from a value of the client', async () => {
    const local = '421 4.3.2 go away';
    const written = ['%mailFromLocalPart%', '550 %mailFromLocalPart%', '550 5.7.1 no'];
    const codes = [];
    for (const text of written) {
      const policy = loosePolicy({ name: 'p', onMailFrom: loosely(decide('reject', text)) });
      codes.push((await openBench(policy).run('onMailFrom', { mailFromLocalPart: local })).codes);
    }
    expect(codes).toEqual([
      { code: undefined, enhanced: '' },
      { code: 550, enhanced: '' },
      { code: 550, enhanced: '5.7.1' },
    ]);
  });

  it('has codes that fit the action, or they are not used and the log says so', async () => {
    const bench = openBench(noting([], 'p', decide('reject', '250 2.0.0 fine')));
    await bench.run('onConnect');
    expect(bench.logged).toMatchObject([
      { level: 'warn', fields: { policy: 'p', code: 250, action: 'reject' } },
    ]);
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

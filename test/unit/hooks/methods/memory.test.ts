/** The methods that remember, as policies call them: arguments in, answers out, facts told. */
import { describe, expect, it } from 'vitest';
import { createMemoryChecks } from '../../../helpers/memory-checks.js';
import { type Bench, call, type Loose, loosePolicy, openBench } from '../../../helpers/policy-bench.js';

interface Asked {
  readonly answer: unknown;
  readonly failure: string | undefined;
  readonly bench: Bench;
}

async function asked(method: string, ...args: readonly unknown[]): Promise<Asked> {
  const store = createMemoryChecks();
  if (args[0] === 'broken') store.broken = new Error('no disk');
  let answer: unknown;
  const policy = loosePolicy({
    name: 'p',
    async onRcptTo(ctx: Loose) {
      answer = await call(ctx, method, ...args);
    },
  });
  const bench = openBench(policy, { store });
  const values = { remoteSmtpIp: '192.0.2.1', mailFrom: 'a@example.org', rcptTo: 'b@here.example' };
  const { failure } = await bench.run('onRcptTo', values);
  return { answer, failure: failure?.message, bench };
}

function told({ bench }: Asked): readonly unknown[] {
  return bench.facts.filter(({ name }) => name.startsWith('check.')).map(({ body }) => body);
}

describe('checkGreylist', () => {
  it('answers with everything that is known, and counts what came out', async () => {
    const done = await asked('checkGreylist');
    expect(done.answer).toEqual({
      status: 'new',
      waitSeconds: 300,
      firstSeen: done.bench.clock.now(),
      explanation: 'Greylisted, please try again in 300 seconds',
    });
    expect(told(done)).toEqual([{ check: 'greylist', status: 'new', ms: 0 }]);
  });

  it.each([
    [{ delay: 90 }, 90],
    [
      {
        delay: '1.5m',
        retryWindow: '2h',
        lifetime: '10d',
        ipv4Prefix: 32,
        ipv6Prefix: 48,
        whitelistAfter: 0,
      },
      90,
    ],
    [{ delay: 0 }, 0],
  ])('takes %j', async (options, waitSeconds) => {
    expect((await asked('checkGreylist', options)).answer).toMatchObject({ status: 'new', waitSeconds });
  });

  const durations = 'is a duration such as "5m", or a number of seconds, from';
  it.each([
    ['5m', 'takes { delay, retryWindow, lifetime, ipv4Prefix, ipv6Prefix, whitelistAfter }'],
    [null, 'takes { delay, retryWindow, lifetime, ipv4Prefix, ipv6Prefix, whitelistAfter }'],
    [
      { dely: '5m' },
      'has no option "dely"; known: delay, retryWindow, lifetime, ipv4Prefix, ipv6Prefix, whitelistAfter',
    ],
    [{ delay: 'soon' }, `delay ${durations} 0s to 1d, not "soon"`],
    [{ delay: -1 }, `delay ${durations} 0s to 1d, not -1`],
    [{ delay: '2d' }, `delay ${durations} 0s to 1d, not "2d"`],
    [{ delay: Number.NaN }, `delay ${durations} 0s to 1d, not NaN`],
    [{ lifetime: '10y' }, `lifetime ${durations} 1m to 366d, not "10y"`],
    [{ delay: '1h', retryWindow: '1h' }, 'retryWindow must be longer than delay'],
    [{ ipv4Prefix: 33 }, 'ipv4Prefix is a whole number from 8 to 32, not 33'],
    [{ ipv6Prefix: '64' }, 'ipv6Prefix is a whole number from 16 to 128, not "64"'],
    [{ whitelistAfter: 1.5 }, 'whitelistAfter is a whole number from 0 to 1000000, not 1.5'],
  ])('fails the handler for %j', async (options, message) => {
    expect((await asked('checkGreylist', options)).failure).toBe(`checkGreylist in onRcptTo: ${message}`);
  });
});

describe('checkRate', () => {
  it('answers with everything that is known, and counts what came out', async () => {
    const done = await asked('checkRate', 'k', 10, '1h', { cost: 3 });
    expect(done.answer).toEqual({
      allowed: true,
      count: 3,
      remaining: 7,
      resetSeconds: 3600,
      status: 'ok',
      explanation: '',
    });
    expect(told(done)).toEqual([{ check: 'rate', status: 'allowed', ms: 0 }]);
    const refused = await asked('checkRate', 'k', 2, 3600, { cost: 3 });
    expect(refused.answer).toMatchObject({ allowed: false, count: 0, resetSeconds: 3600 });
    expect(told(refused)).toEqual([{ check: 'rate', status: 'refused', ms: 0 }]);
  });

  it('tells of a store in trouble, and leaves the decision to the policy', async () => {
    const done = await asked('checkRate', 'broken', 10, '1h');
    expect(done.failure).toBeUndefined();
    expect(done.answer).toMatchObject({ status: 'tempError', allowed: true });
    expect(told(done)).toEqual([
      { check: 'rate', status: 'tempError', ms: 0 },
      { check: 'rate', status: 'tempError', reason: 'the counter cannot be asked: no disk' },
    ]);
  });

  const window = 'window is a duration such as "5m", or a number of seconds, from 1s to 31d, not';
  it.each([
    [[], 'the first argument is a key, a text that is not empty'],
    [['', 1, '1h'], 'the first argument is a key, a text that is not empty'],
    [[5, 1, '1h'], 'the first argument is a key, a text that is not empty'],
    [['k', 0, '1h'], 'limit is a whole number from 1 to 1000000000, not 0'],
    [['k', '10', '1h'], 'limit is a whole number from 1 to 1000000000, not "10"'],
    [['k', 1.5, '1h'], 'limit is a whole number from 1 to 1000000000, not 1.5'],
    [['k', 1], `${window} undefined`],
    [['k', 1, '1 year'], `${window} "1 year"`],
    [['k', 1, 0], `${window} 0`],
    [['k', 1, '32d'], `${window} "32d"`],
    [['k', 1, '1h', 2], 'takes { cost }'],
    [['k', 1, '1h', { cost: 0 }], 'cost is a whole number from 1 to 1000000000, not 0'],
    [['k', 1, '1h', { price: 1 }], 'has no option "price"; known: cost'],
  ])('fails the handler for %j', async (args, message) => {
    expect((await asked('checkRate', ...args)).failure).toBe(`checkRate in onRcptTo: ${message}`);
  });
});

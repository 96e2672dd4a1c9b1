import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import { call, type Loose, loosely, loosePolicy, openBench } from '../../helpers/policy-bench.js';

describe('the trace of a handler', () => {
  it('holds what it read as it was at the first read, and what it left', async () => {
    const bench = openBench(
      definePolicy({
        name: 'p',
        onMailFrom(ctx) {
          if (ctx.mailFrom === 'old@example.org') ctx.mailFrom = 'new@example.org';
          if (ctx.mailFrom !== '') ctx.maxDataSize = 1;
          ctx.maxDataSize = 2;
          if (ctx.maxRcptCount > 0 && ctx.ehloHost === '') ctx.smtpAction = 'reject';
        },
      }),
    );
    await bench.run('onMailFrom', { mailFrom: 'old@example.org' });
    expect(bench.handler()).toEqual({
      policy: 'p',
      ms: 0,
      reads: { mailFrom: 'old@example.org', maxRcptCount: 1000, ehloHost: '' },
      writes: {
        mailFrom: 'new@example.org',
        mailFromLocalPart: 'new',
        mailFromDomain: 'example.org',
        maxDataSize: 2,
        smtpAction: 'reject',
      },
      calls: [],
      edits: [],
      verdict: 'reject',
    });
  });

  it('holds its calls with arguments, answers and times, also of those that failed', async () => {
    const resolver = createFakeResolver({
      '1.2.0.192.bl.example A': ['127.0.0.2'],
      '1.2.0.192.bl.example TXT': ['spam'],
    });
    const { resolve } = resolver;
    resolver.resolve = (async (...args: Parameters<typeof resolve>) => {
      await bench.clock.advance(1.23456);
      return resolve.apply(resolver, args);
    }) as typeof resolve;
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          await call(ctx, 'checkDNSBL', 'bl.example');
          await (call(ctx, 'checkDNSBL', 7) as Promise<unknown>).catch(() => undefined);
          ctx['smtpAction'] = 'reject';
        },
      }),
      { resolver },
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    expect(bench.handler()).toMatchObject({
      ms: 2.469,
      calls: [
        {
          method: 'checkDNSBL',
          args: ['bl.example'],
          result: {
            DNSBLResult: '127.0.0.2',
            DNSBLExplanation: 'spam',
            status: 'listed',
            zone: 'bl.example',
          },
          ms: 2.469,
        },
        {
          method: 'checkDNSBL',
          args: [7],
          result: { error: 'DNSBLServer = 7: takes a text, not number' },
          ms: 0,
        },
      ],
    });
  });

  it('holds its failure with file and line, and none of what was taken back', async () => {
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onHeadersReceived: loosely((ctx) => {
          ctx['maxDataSize'] = 1;
          call(ctx, 'addRcpt', 'b@example.org');
          throw Object.assign(new Error('no table'), {
            stack: 'Error: no table\n    at f (/p/test.ts:12:3)',
          });
        }),
      }),
    );
    await bench.run('onHeadersReceived');
    expect(bench.handler()).toMatchObject({
      verdict: 'failed',
      writes: {},
      edits: [],
      failure: {
        code: 'ERR_POLICY_THREW',
        message: 'policy "p" threw in onHeadersReceived: no table',
        at: '/p/test.ts:12',
      },
    });
    expect(bench.steps()).toMatchObject([
      {
        action: 'tmpreject',
        decidedBy: 'p',
        reason: 'policy-failure',
        text: 'policy "p" threw in onHeadersReceived: no table (/p/test.ts:12)',
      },
    ]);
  });

  it('never holds a secret', async () => {
    const bench = openBench(
      definePolicy({
        name: 'p',
        onRelay(ctx) {
          ctx.authUser = 'relay';
          ctx.authPasswd = 'hunter2';
          if (ctx.authPasswd !== '') throw new Error('after');
        },
      }),
    );
    await bench.run('onRelay');
    const quiet = openBench(definePolicy({ name: 'p', onRelay: (ctx) => void (ctx.atuhPasswd = 'hunter2') }));
    await quiet.run('onRelay');
    quiet.session.close('done');
    expect(bench.handler().reads).toEqual({ authPasswd: '(secret)' });
    expect(quiet.handler().writes).toEqual({ authPasswd: '(secret)' });
    expect(JSON.stringify([bench.traces, quiet.traces])).not.toContain('hunter2');
  });

  it.each([
    ['a number that JSON does not know', 10n],
    ['an object that holds itself', Object.assign({}, { self: {} })],
    [
      'an object that does not want to be written',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
  ])('survives %s among the arguments', async (_, argument) => {
    if (typeof argument === 'object' && 'self' in argument) argument.self = argument;
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: async (ctx: Loose) => call(ctx, 'checkDNSBL', argument) }),
    );
    expect((await bench.run('onConnect')).action).toBe('tmpreject');
    expect(JSON.parse(JSON.stringify(bench.handler().calls))).toMatchObject([{ method: 'checkDNSBL' }]);
  });

  it('holds the arguments and answers as they were, not as they became', async () => {
    const zones = ['a.example', 'b.example'];
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onConnect: async (ctx: Loose) => {
          await call(ctx, 'checkDNSBL', zones);
          zones.length = 0;
          ctx['smtpAction'] = 'reject';
        },
      }),
    );
    await bench.run('onConnect', { remoteSmtpIp: '192.0.2.1' });
    expect(bench.handler().calls[0]?.args).toEqual([['a.example', 'b.example']]);
  });
});

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isEngineError } from '../../../src/core/errors.js';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { EVENT_NAMES, type EventName } from '../../../src/hooks/table/index.js';
import { call, type Loose, loosePolicy, openBench } from '../../helpers/policy-bench.js';

/** Runs one handler; what it throws comes back to the test. */
async function inside(event: EventName, act: (ctx: Loose) => unknown, use: object = {}): Promise<void> {
  const bench = openBench(
    loosePolicy({
      name: 'p',
      use,
      [event]: async (ctx: Loose) => {
        await act(ctx);
      },
    }),
  );
  const { failure } = await bench.run(event, {
    remoteSmtpIp: '192.0.2.1',
    ...(event === 'onRelay' ? { remoteSmtpIp: '' } : {}),
  });
  if (failure !== undefined) throw new Error(failure.message);
}

function told(act: () => unknown): string {
  try {
    return `nothing thrown: ${String(act())}`;
  } catch (error) {
    return isEngineError(error) ? `${error.code} ${error.message}` : String(error);
  }
}

/** The write as sloppy code does it: what is read-only in the language's own way raises nothing. */
function sloppily(ctx: Loose, name: string, value: unknown): void {
  Reflect.set(ctx, name, value);
}

describe('a name that no event has', () => {
  it('is refused with a suggestion when it is read', () =>
    inside('onMailFrom', (ctx) => {
      expect(told(() => ctx['mailForm'])).toBe(
        'ERR_POLICY_UNKNOWN_NAME mailForm is not known in onMailFrom; did you mean "mailFrom"?',
      );
      expect(told(() => ctx['somethingElse'])).toBe(
        'ERR_POLICY_UNKNOWN_NAME somethingElse is not known in onMailFrom',
      );
    }));

  it.each([
    ['strict', (ctx: Loose, name: string, value: unknown) => (ctx[name] = value)],
    ['sloppy', sloppily],
    ['Object.assign', (ctx: Loose, name: string, value: unknown) => Object.assign(ctx, { [name]: value })],
  ])('is refused with a suggestion when it is written, %s', (_, write) =>
    inside('onMailFrom', (ctx) => {
      expect(told(() => write(ctx, 'smtpActoin', 'reject'))).toBe(
        'ERR_POLICY_UNKNOWN_NAME smtpActoin is not known in onMailFrom; did you mean "smtpAction"?',
      );
    }),
  );

  it('is refused with a suggestion when it is called', () =>
    inside('onMailFrom', (ctx) => {
      expect(told(() => call(ctx, 'checkSfp'))).toBe(
        'ERR_POLICY_UNKNOWN_NAME checkSfp is not known in onMailFrom; did you mean "checkSPF"?',
      );
    }));

  it('does not disturb what the language and its tools look up', () =>
    inside('onMailFrom', async (ctx) => {
      expect(ctx['then']).toBeUndefined();
      expect(JSON.stringify(ctx)).toBe('{}');
      expect(`${ctx as unknown as string}`).toBe('[object Object]');
      expect(inspect(ctx)).toBe("{ event: 'onMailFrom', remoteSmtpIp: '192.0.2.1' }");
      expect(ctx.constructor.name).toBe('onMailFromContext');
      expect('mailForm' in ctx).toBe(false);
      expect('mailFrom' in ctx).toBe(true);
      expect(await Promise.resolve(ctx)).toBe(ctx);
      expect(Object.keys(ctx)).toEqual([]);
    }));
});

describe('a name of another event', () => {
  it('reads as undefined, and writing it is refused', () =>
    inside('onConnect', (ctx) => {
      expect(ctx['mailFrom']).toBeUndefined();
      for (const write of [(c: Loose, n: string, v: unknown) => (c[n] = v), sloppily]) {
        expect(told(() => write(ctx, 'mailFrom', 'x'))).toBe(
          'ERR_POLICY_UNKNOWN_NAME mailFrom is not known in onConnect; it can be set in onMailFrom, onTemporaryDeliveryFailure',
        );
      }
    }));

  it('is reported once when it is read', async () => {
    const policy = loosePolicy({ name: 'early', onConnect: (ctx: Loose) => ctx['rcptTo'] });
    const bench = openBench(policy);
    await bench.run('onConnect');
    await bench.run('onConnect');
    expect(bench.logged.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn reads as undefined: rcptTo is not known in onConnect; it is known in onRcptTo',
    ]);
  });

  it('says where it exists when it is called', () =>
    inside('onDataReceived', (ctx) => {
      expect(told(() => call(ctx, 'addHeader', 'X', 'y'))).toBe(
        'ERR_POLICY_METHOD addHeader in onDataReceived: it exists in onHeadersReceived only',
      );
      expect(told(() => call(ctx, 'checkSPF'))).toBe(
        'ERR_POLICY_METHOD checkSPF in onDataReceived: it exists in onEhlo, onMailFrom only',
      );
    }));

  it('can be asked for without a call', () =>
    inside('onDataReceived', (ctx) => {
      expect(typeof ctx['addHeader']).toBe('function');
    }));
});

describe('a read-only name', () => {
  it.each([['DNSBLResult'], ['remoteSmtpIp'], ['GeoIPResult']])('%s cannot be written', (name) =>
    inside('onMailFrom', (ctx) => {
      for (const write of [(c: Loose, n: string, v: unknown) => (c[n] = v), sloppily]) {
        expect(told(() => write(ctx, name, '192.0.2.9'))).toBe(
          `ERR_POLICY_READ_ONLY ${name} is IN (read-only) in onMailFrom`,
        );
      }
    }),
  );

  it.each(['event', 'signal', 'session', 'message', 'log', 'filters', 'headers', 'recipients', 'chunk'])(
    '%s of the runtime cannot be written',
    (name) =>
      inside('onMailFrom', (ctx) => {
        expect(told(() => sloppily(ctx, name, 1))).toBe(
          `ERR_POLICY_READ_ONLY ${name} is IN (read-only) in onMailFrom`,
        );
      }),
  );

  it.each(['checkSPF', 'checkGeoIp', 'checkGeoIP', 'mine'])('method %s cannot be written', (name) =>
    inside(
      'onMailFrom',
      (ctx) => {
        for (const write of [(c: Loose, n: string, v: unknown) => (c[n] = v), sloppily]) {
          expect(told(() => write(ctx, name, 'zone'))).toBe(
            `ERR_POLICY_READ_ONLY ${name} is IN (read-only) in onMailFrom`,
          );
        }
      },
      { mine: () => 1 },
    ),
  );

  it('changes nothing where the operator ignores such writes, and is reported once', async () => {
    const policy = loosePolicy({
      name: 'p',
      onMailFrom: (ctx: Loose) => {
        for (const name of ['DNSBLResult', 'DNSBLResult', 'mailForm', 'checkSPF', 'session']) ctx[name] = 'x';
        ctx['maxRcptCount'] = 5000;
      },
    });
    const bench = openBench(policy, { onIgnoredWrite: 'ignore' });
    for (let i = 0; i < 2; i += 1) expect((await bench.run('onMailFrom')).failure).toBeUndefined();
    const names = ['DNSBLResult', 'mailForm', 'checkSPF', 'session', 'maxRcptCount'];
    expect(bench.facts.filter(({ name }) => name === 'policy.ignoredWrite').map(({ body }) => body)).toEqual(
      names.map((variable) => ({ policy: 'p', event: 'onMailFrom', variable })),
    );
    expect(bench.logged.map(({ message }) => message)).toEqual([
      'ignored: DNSBLResult is IN (read-only) in onMailFrom',
      'ignored: mailForm is not known in onMailFrom; did you mean "mailFrom"?',
      'ignored: checkSPF is IN (read-only) in onMailFrom',
      'ignored: session is IN (read-only) in onMailFrom',
      'ignored: maxRcptCount = 5000: takes 0 to 1000',
    ]);
    expect(bench.session.value('maxRcptCount')).toBe(1000);
  });
});

describe('an accepted other spelling', () => {
  it('is the same variable', async () => {
    const bench = openBench([
      definePolicy({
        name: 'relay',
        onRelay(ctx) {
          ctx.atuhPasswd = 'hunter2';
          expect(ctx.authPasswd).toBe('hunter2');
          expect(inspect(ctx)).toBe("{ event: 'onRelay' }");
          ctx.authPasswd = 'other';
          expect(ctx.atuhPasswd).toBe('other');
        },
      }),
      definePolicy({
        name: 'notice',
        onDeliveryFailure(ctx) {
          expect(ctx.sendNdr).toBe('yes');
          ctx.sendNdr = 'no';
          expect(ctx.sendNDR).toBe('no');
        },
      }),
    ]);
    expect((await bench.run('onRelay')).failure).toBeUndefined();
    expect((await bench.run('onDeliveryFailure')).failure).toBeUndefined();
    expect(bench.session.value('authPasswd')).toBe('other');
    expect(bench.session.value('sendNDR')).toBe('no');
  });

  it('is the same method', () =>
    inside('onConnect', async (ctx) => {
      const answer = { GeoIPResult: '', IsGeoIPBanned: 'no' };
      expect(await call(ctx, 'checkGeoIP')).toMatchObject(answer);
      expect(await call(ctx, 'checkGeoIp')).toEqual(await call(ctx, 'checkGeoIP'));
    }));
});

describe('own methods', () => {
  it('get the context first, then the arguments, and may be asynchronous', async () => {
    const policy = definePolicy({
      name: 'p',
      use: {
        greet: (ctx: { readonly event: string }, who: string, twice: boolean) =>
          `${ctx.event} ${who} ${twice}`,
        later: async (_ctx: object, value: number) => Promise.resolve(value + 1),
      },
      async onConnect(ctx) {
        expect(ctx.greet('you', true)).toBe('onConnect you true');
        expect(await ctx.later(1)).toBe(2);
        ctx.smtpAction = 'accept';
      },
    });
    expect(await openBench(policy).run('onConnect')).toMatchObject({ action: 'accept', failure: undefined });
  });

  it('are there in every event of the policy and in no other policy', async () => {
    const seen: string[] = [];
    const handlers = Object.fromEntries(
      EVENT_NAMES.map((event) => [event, (ctx: Loose) => void seen.push(String(call(ctx, 'mine')))]),
    );
    const having = loosePolicy({ name: 'with', use: { mine: (ctx: Loose) => ctx['event'] }, ...handlers });
    const without = loosePolicy({
      name: 'without',
      onConnect: (ctx: Loose) => expect(() => ctx['mine']).toThrow('mine is not known in onConnect'),
    });
    const bench = openBench([having, without]);
    for (const event of EVENT_NAMES) expect((await bench.run(event)).failure).toBeUndefined();
    expect(seen).toEqual(EVENT_NAMES);
  });

  it('fail the handler when they throw', async () => {
    const policy = definePolicy({
      name: 'p',
      use: {
        broken: () => {
          throw new Error('own trouble');
        },
      },
      onConnect: (ctx) => ctx.broken(),
    });
    expect((await openBench(policy).run('onConnect')).failure?.message).toContain('own trouble');
  });
});

describe('what the runtime adds', () => {
  it('is the event, the message as lent, and a log that says who writes', async () => {
    const chunk = Buffer.from('piece');
    const policy = definePolicy({
      name: 'p',
      onBodyChunk(ctx) {
        expect(ctx.event).toBe('onBodyChunk');
        expect(ctx.chunk).toBe(chunk);
        expect(ctx.recipients).toEqual(['a@example.org']);
        expect(ctx.filters).toEqual({});
        ctx.log.info('seen', { size: ctx.chunk.length });
      },
    });
    const bench = openBench(policy);
    const { failure } = await bench.run('onBodyChunk', {}, { chunk, recipients: ['a@example.org'] });
    expect(failure).toBeUndefined();
    expect(bench.logged).toEqual([
      {
        level: 'info',
        message: 'seen',
        fields: { policy: 'p', event: 'onBodyChunk', session: '0m7c3k9qab1x', size: 5 },
      },
    ]);
  });

  it('has no recipients where there are none yet', () =>
    inside('onMailFrom', (ctx) => {
      expect(ctx['recipients']).toEqual([]);
      expect(ctx['headers']).toBeUndefined();
      expect(ctx['chunk']).toBeUndefined();
    }));
});

import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import type { EventName } from '../../../src/hooks/table/index.js';
import type { Policy } from '../../../src/hooks/types.js';
import { type Loose, loosely, loosePolicy, openBench } from '../../helpers/policy-bench.js';

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

  it('is put back when the handler fails', async () => {
    const failing = definePolicy({
      name: 'failing',
      onFailure: 'accept',
      session: () => ({ seen: [1], note: () => 'kept' }),
      message: () => ({ tags: ['a'] }),
      onRcptTo(ctx) {
        ctx.session.seen.push(2);
        ctx.message.tags.push('b');
        if (ctx.rcptTo === 'bad') throw new Error('no');
      },
    });
    const bench = openBench(failing);
    await bench.run('onRcptTo', { rcptTo: 'good' });
    await bench.run('onRcptTo', { rcptTo: 'bad' });
    expect(bench.session.messageState()).toEqual({ failing: { tags: ['a', 'b'] } });
    await bench.run('onRcptTo', { rcptTo: 'good' });
    expect(bench.session.messageState()).toEqual({ failing: { tags: ['a', 'b', 'b'] } });
  });

  it('belongs to one connection', async () => {
    const bench = openBench(counting);
    await told(bench, 'onRcptTo');
    const other = bench.runtime.openSession({
      id: 'b',
      listener: 'test',
      remoteIp: '192.0.2.2',
      isVouchedFor: false,
    });
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

  it('of the message that is no JSON names its policy where it would be lost', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const value of [circular, 10n]) {
      const bench = openBench(
        loosePolicy({ name: 'p', onMailFrom: (ctx: Loose) => void (ctx.message['kept'] = value) }),
      );
      await bench.run('onMailFrom');
      expect(() => bench.session.messageState()).toThrow(/message state of policy "p"/);
    }
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
    // Loading looks once at what the factory of the message makes.
    made = 0;
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
          ctx.mailFrom = '"new@name"@example.net';
          expect([ctx.mailFromLocalPart, ctx.mailFromDomain]).toEqual(['new@name', 'example.net']);
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
    expect(bench.session.value('mailFrom')).toBe('"new@name"@example.net');
    expect(bench.session.value('mailFromDomain')).toBe('example.net');
  });

  it.each([
    ['"q q"@n.test', '"q q"@n.test', 'q q'],
    ['"a"@b.test', 'a@b.test', 'a'],
    ['j\u00f6rg@b.test', 'j\u00f6rg@b.test', 'j\u00f6rg'],
    ['a@[192.0.2.1]', 'a@[192.0.2.1]', 'a'],
  ])('read a sender written as %s like one that a client gives', async (written, address, local) => {
    const seen: unknown[] = [];
    const bench = openBench([
      definePolicy({
        name: 'rewrites',
        onMailFrom(ctx) {
          ctx.mailFrom = written;
          seen.push(ctx.mailFrom, ctx.mailFromLocalPart, ctx.mailFromDomain);
        },
      }),
    ]);
    await bench.run('onMailFrom', { mailFrom: 'old@example.org' });
    expect(seen).toEqual([address, local, address.slice(address.lastIndexOf('@') + 1)]);
    expect(bench.session.value('mailFrom')).toBe(address);
  });

  it.each(['@h:a@b.test', 'nonsense', 'postmaster', '<a@b.test>', 'q q@n.test', 'a@b.test> SIZE=1'])(
    'take no %s for a sender: the handler fails, and nothing of it stays',
    async (written) => {
      const bench = openBench([
        definePolicy({
          name: 'rewrites',
          onMailFrom(ctx) {
            ctx.mailFrom = written;
          },
        }),
      ]);
      const { failure } = await bench.run('onMailFrom', {
        mailFrom: 'old@example.org',
        mailFromLocalPart: 'old',
      });
      expect(failure?.message).toContain('takes an address without angle brackets');
      expect(bench.session.value('mailFrom')).toBe('old@example.org');
      expect(bench.session.value('mailFromLocalPart')).toBe('old');
    },
  );
});

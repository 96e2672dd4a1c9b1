import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LONGEST_RESPONSE } from '../../../../src/auth/sasl/exchange.js';
import { NULL_SENDER } from '../../../../src/smtp/mailbox.js';
import { formatReply } from '../../../../src/smtp/reply.js';
import type { Session } from '../../../../src/engine/session/session.js';
import { Transaction } from '../../../../src/engine/session/transaction.js';
import type { Answer } from '../../../../src/engine/stages/answer.js';
import { auth } from '../../../../src/engine/stages/auth.js';
import { type BareOptions, type BareSession, bareSession } from '../../../helpers/bare-session.js';

const USERS = { ann: 'secret', tim: '{PLAIN}tanstaaf' };
const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', serverName: '' };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const RIGHT = `PLAIN ${base64('\0ann\0secret')}`;
const WRONG = `PLAIN ${base64('\0ann\0guess')}`;

function sayEhlo(session: Session): void {
  session.hello = { host: 'client.example', extended: true };
  session.offers = new Set(['PIPELINING', 'AUTH']);
}

/** A session over TLS that has said EHLO. */
function ready(options: BareOptions = {}): BareSession {
  const bare = bareSession({ users: USERS, ...options, start: { tls: TLS, ...options.start } });
  sayEhlo(bare.session);
  return bare;
}

/** Says AUTH and answers its challenges; gives the codes as they came. */
async function say(session: Session, argument: string, ...lines: string[]): Promise<Answer> {
  let answer = await auth(session, argument);
  for (const line of lines) {
    if (answer.next?.kind !== 'line') throw new Error(`no line expected after ${answer.reply.code}`);
    answer = await answer.next.take(line);
  }
  return answer;
}

function codes({ reply }: Answer): string {
  return `${reply.code} ${reply.enhanced}`.trim();
}

describe('AUTH', () => {
  it('lets a user in by PLAIN, with and without an initial response', async () => {
    for (const lines of [
      [RIGHT],
      ['PLAIN', base64('\0ann\0secret')],
      [`plain ${base64('ann\0ann\0secret')}`],
    ]) {
      const { session } = ready();
      const [command = '', ...rest] = lines;
      const answer = await say(session, command, ...rest);
      expect(codes(answer)).toBe('235 2.7.0');
      expect(session.authUser).toBe('ann');
      expect(session.values().authUser).toBe('ann');
      expect(session.hello).toBeDefined();
    }
  });

  it('lets a user in by LOGIN, the name with the command or asked for', async () => {
    for (const lines of [
      ['LOGIN', base64('ann'), base64('secret')],
      [`LOGIN ${base64('ann')}`, base64('secret')],
    ]) {
      const { session } = ready();
      const [command = '', ...rest] = lines;
      expect(codes(await say(session, command, ...rest))).toBe('235 2.7.0');
    }
  });

  it('lets a user in by CRAM-MD5', async () => {
    const { session } = ready();
    const first = await say(session, 'CRAM-MD5');
    const challenge = Buffer.from(first.reply.text.join(''), 'base64');
    expect(challenge.toString()).toMatch(/^<[0-9a-f]{32}\.\d+@mx\.test>$/);
    const digest = createHmac('md5', 'tanstaaf').update(challenge).digest('hex');
    if (first.next?.kind !== 'line') throw new Error('no challenge');
    expect(codes(await first.next.take(base64(`tim ${digest}`)))).toBe('235 2.7.0');
    expect(session.authUser).toBe('tim');
  });

  it('writes an empty challenge as 334 and a blank', async () => {
    const { reply } = await say(ready().session, 'PLAIN');
    expect(formatReply(reply)).toBe('334 \r\n');
    expect(formatReply((await say(ready().session, 'LOGIN')).reply)).toBe('334 VXNlcm5hbWU6\r\n');
  });

  it('comes after EHLO, once, and outside a transaction', async () => {
    const { session } = bareSession({ users: USERS, start: { tls: TLS } });
    expect(codes(await auth(session, RIGHT))).toBe('503 5.5.1');
    session.hello = { host: 'x', extended: false };
    expect(codes(await auth(session, RIGHT))).toBe('503 5.5.1');
    sayEhlo(session);
    session.transaction = new Transaction('s1-1', NULL_SENDER, {});
    expect(codes(await auth(session, RIGHT))).toBe('503 5.5.1');
    session.resetTransaction();
    expect(codes(await auth(session, RIGHT))).toBe('235 2.7.0');
    expect(codes(await auth(session, RIGHT))).toBe('503 5.5.1');
  });

  it('is not implemented without users, or where the listener has it never', async () => {
    const without = ready({ deps: { authenticator: undefined } });
    expect(codes(await auth(without.session, RIGHT))).toBe('502 5.5.1');
    expect(codes(await auth(ready({ listener: { auth: 'never' } }).session, RIGHT))).toBe('502 5.5.1');
  });

  it('takes no password in clear unless the listener does, not even the right one', async () => {
    const { session } = ready({ start: { tls: undefined } });
    expect(codes(await auth(session, RIGHT))).toBe('538 5.7.11');
    expect(codes(await auth(session, 'CRAM-MD5'))).toBe('538 5.7.11');
    expect(session.authUser).toBe('');
    const open = ready({ start: { tls: undefined }, listener: { authInClear: true } });
    expect(codes(await auth(open.session, RIGHT))).toBe('235 2.7.0');
  });

  it('knows only mechanisms that can succeed now', async () => {
    const { session } = ready({ users: { ann: 'secret' } });
    for (const word of ['CRAM-MD5', 'DIGEST-MD5', 'XOAUTH2', 'constructor']) {
      expect(codes(await auth(session, word))).toBe('504 5.5.4');
    }
  });

  it.each([
    ['', [], '501 5.5.4'],
    ['PLAIN a b', [], '501 5.5.4'],
    ['PLAIN =', [], '501 5.5.2'],
    ['PLAIN !', [], '501 5.5.2'],
    [`PLAIN ${base64('no separators')}`, [], '501 5.5.2'],
    [`PLAIN ${base64('bob\0ann\0secret')}`, [], '535 5.7.8'],
    ['PLAIN', ['*'], '501 5.0.0'],
    ['LOGIN', [base64('ann'), '*'], '501 5.0.0'],
    ['LOGIN', [''], '501 5.5.2'],
    ['PLAIN', ['A'.repeat(LONGEST_RESPONSE + 1)], '500 5.5.6'],
    [`CRAM-MD5 ${base64('tim x')}`, [], '501 5.7.0'],
    ['CRAM-MD5', [base64('tim 0123')], '501 5.5.2'],
  ])('answers %j %j with %s, as a fault', async (command, lines, expected) => {
    const { session } = ready();
    const answer = await say(session, command, ...lines);
    expect(codes(answer)).toBe(expected);
    expect(answer.isError).toBe(true);
    expect(answer.next).toBeUndefined();
    expect(session.authUser).toBe('');
  });

  it('limits the lines that answer it', async () => {
    const { next } = await say(ready().session, 'PLAIN');
    expect(next).toMatchObject({ kind: 'line', maxOctets: LONGEST_RESPONSE });
    if (next?.kind === 'line') expect(codes(next.tooLong)).toBe('500 5.5.6');
  });

  it('says the same for a wrong password and a wrong name, and slows the address', async () => {
    const { session, clock } = ready();
    expect(codes(await auth(session, WRONG))).toBe('535 5.7.8');
    const second = Promise.resolve(auth(session, `PLAIN ${base64('\0nobody\0guess')}`));
    let answered: Answer | undefined;
    const seen = second.then((answer) => {
      answered = answer;
    });
    await clock.advance(999);
    expect(answered).toBeUndefined();
    await clock.advance(1);
    await seen;
    expect(answered && codes(answered)).toBe('535 5.7.8');
  });

  it('ends a session at the attempt after three wrong passwords, even with the right one', async () => {
    const { session, clock } = ready();
    for (let i = 0; i < 3; i += 1) {
      const attempt = Promise.resolve(auth(session, WRONG));
      await clock.advance(10_000);
      expect(codes(await attempt)).toBe('535 5.7.8');
    }
    const { reply } = await auth(session, RIGHT);
    expect(formatReply(reply)).toMatch(/^421 4\.7\.0 /);
    expect(reply.close).toBe(true);
    expect(session.authUser).toBe('');
  });

  it('refuses for now an address that is locked out, also the right password', async () => {
    const { session, clock } = ready({ limits: { maxAuthFailures: 100 } });
    for (let i = 0; i < 10; i += 1) {
      const attempt = Promise.resolve(auth(session, WRONG));
      await clock.advance(10_000);
      await attempt;
    }
    const answer = await auth(session, RIGHT);
    expect(codes(answer)).toBe('454 4.7.0');
    expect(answer.reply.close).toBe(false);
  });

  it('ends an attempt that waits when the session ends', async () => {
    const { session, clock } = ready();
    await auth(session, WRONG);
    const waiting = Promise.resolve(auth(session, RIGHT));
    await clock.settle();
    expect(clock.pending()).toBe(1);
    session.end();
    expect(codes(await waiting)).toBe('454 4.7.0');
    expect(clock.pending()).toBe(0);
    expect(session.gone.aborted).toBe(true);
  });

  it('leaves a note of who logged in, and no password anywhere', async () => {
    const { session, policies, clock, facts } = ready();
    await auth(session, WRONG);
    const right = Promise.resolve(auth(session, RIGHT));
    await clock.advance(1000);
    await right;
    expect(policies.notes).toEqual([{ at: 'AUTH', reason: 'authenticated', text: 'ann by PLAIN' }]);
    expect(facts.seen.map(({ name, body }) => [name, body])).toEqual([
      [
        'auth.failed',
        { session: 's1', remoteIp: '192.0.2.7', mechanism: 'PLAIN', user: 'ann', reason: 'wrong' },
      ],
      ['auth.succeeded', { session: 's1', remoteIp: '192.0.2.7', mechanism: 'PLAIN', user: 'ann' }],
    ]);
  });
});

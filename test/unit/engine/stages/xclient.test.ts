import { describe, expect, it } from 'vitest';
import type { Session, SessionStart } from '../../../../src/engine/session/session.js';
import { Transaction } from '../../../../src/engine/session/transaction.js';
import { UNKNOWN_ADDRESS } from '../../../../src/engine/session/trusted.js';
import { ehlo } from '../../../../src/engine/stages/ehlo.js';
import { xclient } from '../../../../src/engine/stages/xclient.js';
import { NULL_SENDER } from '../../../../src/smtp/mailbox.js';
import { type BareOptions, bareSession } from '../../../helpers/bare-session.js';

const PEER = { remoteIp: '10.0.0.5', remotePort: 40_000, localIp: '10.0.0.1', localPort: 25 };

/** A session of the relay 10.0.0.5, which may relay mail and speak for others. */
function relay(options: BareOptions = {}, start: Partial<SessionStart> = {}) {
  return bareSession({
    ...options,
    listener: { xclientNetworks: ['10.0.0.0/8'], trustedNetworks: ['10.0.0.0/8'], ...options.listener },
    start: { peer: PEER, ...start },
  });
}

function code(session: Session, argument: string): string {
  const { reply } = xclient(session, argument);
  return `${reply.code} ${reply.enhanced}`;
}

/** The session that a successful XCLIENT makes. */
function next(session: Session, argument: string): Session {
  const answer = xclient(session, argument);
  if (answer.next?.kind !== 'session') throw new Error(answer.reply.text.join(' '));
  return answer.next.session('s2');
}

describe('XCLIENT', () => {
  it('is for the networks of the listener alone', () => {
    expect(code(bareSession().session, 'ADDR=192.0.2.1')).toBe('550 5.7.0');
    expect(code(relay({ listener: { xclientNetworks: ['10.9.0.0/16'] } }).session, 'ADDR=192.0.2.1')).toBe(
      '550 5.7.0',
    );
    expect(xclient(bareSession().session, 'ADDR=192.0.2.1').isError).toBe(true);
  });

  it('goes by who speaks, not by a proxy that passes on what strangers say', () => {
    const stranger = { ...PEER, remoteIp: '192.0.2.9' };
    expect(code(relay({}, { peer: stranger, via: '10.0.0.5' }).session, 'ADDR=192.0.2.1')).toBe('550 5.7.0');
  });

  it('waits for the end of a transaction', () => {
    const { session } = relay();
    session.transaction = new Transaction('s1-1', NULL_SENDER, {});
    expect(code(session, 'ADDR=192.0.2.1')).toBe('503 5.5.1');
  });

  it.each(['', 'ADDR', 'ADDR=nonsense', 'COLOR=red', 'ADDR=192.0.2.1 ADDR=192.0.2.1', 'PORT=70000'])(
    'refuses %j as a whole',
    (argument) => {
      const { session } = relay();
      const answer = xclient(session, argument);
      expect(`${answer.reply.code} ${answer.reply.enhanced}`).toBe('501 5.5.4');
      expect(answer.isError).toBe(true);
      expect(answer.next).toBeUndefined();
    },
  );

  it('opens a session with the addresses of the client', () => {
    const { session, policies } = relay();
    const told = next(session, 'ADDR=192.0.2.1 PORT=1234 DESTADDR=IPV6:2001:db8::1 DESTPORT=587');
    expect(told.id).toBe('s2');
    expect(told.policies).not.toBe(session.policies);
    expect(told.peer).toEqual({
      remoteIp: '192.0.2.1',
      remotePort: 1234,
      localIp: '2001:db8::1',
      localPort: 587,
    });
    expect(told.wireIp).toBe('10.0.0.5');
    expect(told.isTrusted).toBe(false);
    expect(told.hello).toBeUndefined();
    expect(policies.notes.map(({ text }) => text)).toEqual([
      'speaks for 192.0.2.1 in session s2',
      'told by 10.0.0.5 in session s1',
    ]);
  });

  it('keeps what it does not mention, and the right to say it again', async () => {
    const first = next(relay().session, 'ADDR=192.0.2.1 HELO=client.example LOGIN=ann PROTO=SMTP');
    expect(first.mayXclient).toBe(true);
    const second = next(first, 'PORT=99 NAME=host.example');
    expect(second.peer).toEqual({ ...PEER, remoteIp: '192.0.2.1', remotePort: 99 });
    expect(second.told).toEqual({
      name: 'host.example',
      helo: 'client.example',
      proto: 'SMTP',
      login: 'ann',
    });
    expect(second.authUser).toBe('ann');
    await ehlo(second, 'relay.example');
    expect(second.values()).toMatchObject({
      ehloHost: 'client.example',
      isESMTP: 'no',
      authUser: 'ann',
      remoteSmtpIp: '192.0.2.1',
    });
    expect(next(second, 'LOGIN=[UNAVAILABLE]').authUser).toBe('');
  });

  it('gives a client without a known address none of the trust of the relay', () => {
    const listener = { trustedNetworks: ['0.0.0.0/0', '10.0.0.0/8'] };
    const { session } = relay({ listener });
    expect(session.isTrusted).toBe(true);
    const told = next(session, 'ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE]');
    expect(told.peer).toEqual({ ...PEER, remoteIp: UNKNOWN_ADDRESS, remotePort: 0 });
    expect(told.isTrusted).toBe(false);
  });

  it('does not hand on the login of the relay itself', () => {
    const { session } = relay();
    session.authUser = 'relay';
    expect(next(session, 'ADDR=192.0.2.1').authUser).toBe('');
  });

  it('keeps the encryption of the connection', () => {
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', serverName: 'mx.test' };
    expect(next(relay({}, { tls }).session, 'ADDR=192.0.2.1').tls).toBe(tls);
  });
});

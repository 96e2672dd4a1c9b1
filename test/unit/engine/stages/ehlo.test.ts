import { describe, expect, it } from 'vitest';
import type { ListenerSettings } from '../../../../src/engine/settings.js';
import type { Session } from '../../../../src/engine/session/session.js';
import { ehlo, helo, lhlo } from '../../../../src/engine/stages/ehlo.js';
import { help } from '../../../../src/engine/stages/help.js';
import { mustLogIn, mustSecure } from '../../../../src/engine/stages/must-first.js';
import { type BareOptions, bareSession } from '../../../helpers/bare-session.js';

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', serverName: '' };
const USERS = { ann: 'secret' };
const deps = { tls: { options: () => ({}) } };

/** The keywords that EHLO lists, which are those that count from then on. */
async function offered(options: BareOptions): Promise<string[]> {
  const { session } = bareSession({ users: USERS, deps, ...options });
  const { reply } = await ehlo(session, 'client.example');
  const listed = reply.text.slice(1).map((line) => line.split(' ')[0] ?? '');
  expect([...session.offers]).toEqual(listed);
  return listed;
}

describe('EHLO', () => {
  it.each<[string, string[], BareOptions]>([
    ['in clear', ['STARTTLS'], {}],
    ['over TLS', ['AUTH', 'REQUIRETLS'], { start: { tls: TLS } }],
    ['where passwords may come in clear', ['STARTTLS', 'AUTH'], { listener: { authInClear: true } }],
    ['where TLS is never used', [], { listener: { tls: 'never' } }],
    ['where TLS is required', ['STARTTLS'], { listener: { tls: 'required' } }],
    ['where there is no certificate', [], { deps: {} }],
    ['where AUTH is never used', ['REQUIRETLS'], { start: { tls: TLS }, listener: { auth: 'never' } }],
    ['of a known user', ['REQUIRETLS'], { start: { tls: TLS, told: { login: 'ann' } } }],
  ])('%s offers %j', async (_, expected, options) => {
    const security = ['STARTTLS', 'AUTH', 'REQUIRETLS'];
    expect((await offered(options)).filter((keyword) => security.includes(keyword))).toEqual(expected);
  });

  it('offers no AUTH where nobody can log in', async () => {
    const { session } = bareSession({ start: { tls: TLS } });
    await ehlo(session, 'client.example');
    expect(session.offers.has('AUTH')).toBe(false);
  });
});

describe('what a relay told of its client', () => {
  const told = { helo: 'first.example', proto: 'SMTP' as const };

  it('counts for policies, while the relay is offered what it can use', async () => {
    const { session } = bareSession({ start: { told } });
    const { reply } = await ehlo(session, 'relay.example');
    expect(reply.text[0]).toBe('mx.test greets relay.example');
    expect(session.values()).toMatchObject({ ehloHost: 'first.example', isESMTP: 'no' });
    expect(session.offers.has('PIPELINING')).toBe(true);
  });

  it('leaves open what was not told', async () => {
    const { session } = bareSession({ start: { told: {} } });
    await ehlo(session, 'relay.example');
    expect(session.values()).toMatchObject({ ehloHost: 'relay.example', isESMTP: 'yes' });
    await helo(session, 'relay.example');
    expect(session.values()).toMatchObject({ isESMTP: 'no' });
    expect(session.offers.size).toBe(0);
  });
});

describe('the greeting of LMTP', () => {
  const lmtp: Partial<ListenerSettings> = { kind: 'lmtp' };

  it('is LHLO and nothing else', async () => {
    const { session } = bareSession({ listener: lmtp });
    expect((await ehlo(session, 'x')).reply.code).toBe(500);
    expect((await helo(session, 'x')).reply.code).toBe(500);
    expect(session.hello).toBeUndefined();
    expect((await lhlo(session, 'x')).reply.code).toBe(250);
    expect(session.values().isESMTP).toBe('yes');
  });
});

describe('what must come first', () => {
  const codeOf = (session: Session, verb: string): number | undefined =>
    mustSecure(session, verb)?.reply.code;

  it('is TLS where the listener requires it, certificate or not', () => {
    for (const more of [{ deps }, {}]) {
      const { session } = bareSession({ listener: { tls: 'required' }, ...more });
      for (const verb of ['MAIL', 'RCPT', 'DATA', 'BDAT', 'VRFY', 'AUTH', 'XCLIENT', 'EXPN']) {
        expect(codeOf(session, verb), verb).toBe(530);
      }
      for (const verb of ['EHLO', 'HELO', 'LHLO', 'STARTTLS', 'NOOP', 'RSET', 'HELP', 'QUIT']) {
        expect(codeOf(session, verb), verb).toBeUndefined();
      }
      session.secured(TLS);
      expect(codeOf(session, 'MAIL')).toBeUndefined();
    }
  });

  it('is nothing elsewhere', () => {
    for (const tls of ['never', 'offered', 'implicit'] as const) {
      expect(codeOf(bareSession({ listener: { tls } }).session, 'MAIL')).toBeUndefined();
    }
    expect(mustLogIn(bareSession().session)).toBeUndefined();
  });

  it('is a login where the listener requires it, but not of trusted networks', () => {
    const { session } = bareSession({ listener: { auth: 'required' } });
    expect(mustLogIn(session)?.reply.code).toBe(530);
    session.authUser = 'ann';
    expect(mustLogIn(session)).toBeUndefined();
    const trustedNetworks = ['192.0.2.0/24'];
    expect(
      mustLogIn(bareSession({ listener: { auth: 'required', trustedNetworks } }).session),
    ).toBeUndefined();
  });
});

describe('HELP', () => {
  const commands = (options: BareOptions): string => help(bareSession(options).session).reply.text[0] ?? '';

  it('lists what this client can say', () => {
    expect(commands({})).not.toMatch(/STARTTLS|AUTH|LHLO|XCLIENT/);
    expect(commands({ deps, users: USERS })).toContain('STARTTLS');
    expect(commands({ deps, users: USERS })).not.toContain('AUTH');
    expect(commands({ deps, users: USERS, start: { tls: TLS } })).toContain('AUTH');
    expect(commands({ listener: { xclientNetworks: ['192.0.2.7'] } })).toContain('XCLIENT XFORWARD');
    expect(commands({ listener: { kind: 'lmtp' } })).toContain('LHLO');
  });
});

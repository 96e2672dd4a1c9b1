import { describe, expect, it } from 'vitest';
import { type AttemptsOptions, createAttempts } from '../../../src/auth/attempts.js';
import { type AuthOrigin, createAuthenticator } from '../../../src/auth/authenticator.js';
import type { PasswordHash, VerifyOutcome } from '../../../src/auth/password-hash.js';
import type { Credentials } from '../../../src/auth/sasl/exchange.js';
import type { UserSecret } from '../../../src/auth/user-source.js';
import type { LogFields, Logger } from '../../../src/core/log.js';
import { silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { recordFacts } from '../../helpers/queue-samples.js';

const ORIGIN: AuthOrigin = { session: 's1', remoteIp: '192.0.2.1' };
const USERS: Record<string, UserSecret> = {
  tim: { kind: 'plain', secret: 'tanstaaftanstaaf' },
  ann: { kind: 'hash', hash: 'right' },
  'jos\u00e9': { kind: 'hash', hash: 'right' },
};

/** Takes `right` for every password hash and counts what it was asked. */
function createHashDouble(answer?: VerifyOutcome) {
  const asked: (UserSecret | undefined)[] = [];
  const hash: PasswordHash = {
    hash: () => Promise.resolve({ status: 'busy' }),
    verify: (password, secret) => {
      asked.push(secret);
      if (answer) return Promise.resolve(answer);
      const wanted = secret?.kind === 'plain' ? secret.secret : secret?.hash;
      return Promise.resolve({ status: password === wanted ? 'match' : 'mismatch' });
    },
  };
  return { hash, asked };
}

interface BenchOptions extends Partial<AttemptsOptions> {
  readonly answer?: VerifyOutcome;
  readonly users?: Record<string, UserSecret>;
}

function createBench({ answer, users = USERS, ...limits }: BenchOptions = {}) {
  const clock = createFakeClock();
  const facts = recordFacts(['auth.succeeded', 'auth.failed']);
  const { hash, asked } = createHashDouble(answer);
  const complaints: [string, LogFields | undefined][] = [];
  const log: Logger = {
    ...silentLogger,
    error: (message, fields) => {
      complaints.push([message, fields]);
    },
  };
  const authenticator = createAuthenticator({
    users: {
      find: (name) => (Object.hasOwn(users, name) ? users[name] : undefined),
      hasPlainSecrets: Object.values(users).some(({ kind }) => kind === 'plain'),
    },
    attempts: createAttempts({ clock, ...limits }),
    hash,
    clock,
    facts: facts.facts,
    log,
  });
  return { authenticator, clock, facts, asked, complaints };
}

function plain(user: string, password: string): Credentials {
  return { mechanism: 'PLAIN', user, password };
}

/** The example of RFC 2195 §2. */
const CRAM: Credentials = {
  mechanism: 'CRAM-MD5',
  user: 'tim',
  challenge: '<1896.697170952@postoffice.reston.mci.net>',
  digest: 'b913a602c7eda7a495b4e6e7334d3890',
};

describe('createAuthenticator', () => {
  it('lets a user in by PLAIN and LOGIN, and says so', async () => {
    const { authenticator, facts } = createBench();
    const ok = { status: 'ok', user: 'ann' };
    await expect(authenticator.authenticate(plain('ann', 'right'), ORIGIN)).resolves.toEqual(ok);
    const login = { mechanism: 'LOGIN', user: 'ann', password: 'right' } as const;
    await expect(authenticator.authenticate(login, ORIGIN)).resolves.toEqual(ok);
    expect(facts.of('auth.succeeded')).toEqual([
      { session: 's1', remoteIp: '192.0.2.1', mechanism: 'PLAIN', user: 'ann' },
      { session: 's1', remoteIp: '192.0.2.1', mechanism: 'LOGIN', user: 'ann' },
    ]);
  });

  it('compares names as NFC, and letter case counts', async () => {
    const { authenticator, clock } = createBench();
    const outcome = await authenticator.authenticate(plain('jose\u0301', 'right'), ORIGIN);
    expect(outcome).toEqual({ status: 'ok', user: 'jos\u00e9' });
    await expect(authenticator.authenticate(plain('Ann', 'right'), ORIGIN)).resolves.toEqual({
      status: 'wrong',
    });
    expect(clock.pending()).toBe(0);
  });

  it('answers the same for a wrong password and a name that nobody has, and verifies both', async () => {
    const { authenticator, asked, facts } = createBench();
    const wrong = await authenticator.authenticate(plain('ann', 'wrong'), ORIGIN);
    const nobody = await authenticator.authenticate(plain('no\x1b[1mbody', 'right'), {
      ...ORIGIN,
      remoteIp: '192.0.2.2',
    });
    expect(wrong).toEqual({ status: 'wrong' });
    expect(nobody).toEqual(wrong);
    expect(asked).toEqual([USERS['ann'], undefined]);
    expect(facts.of('auth.failed')).toEqual([
      { session: 's1', remoteIp: '192.0.2.1', mechanism: 'PLAIN', user: 'ann', reason: 'wrong' },
      { session: 's1', remoteIp: '192.0.2.2', mechanism: 'PLAIN', user: 'no?[1mbody', reason: 'wrong' },
    ]);
  });

  it('answers the CRAM-MD5 example, and refuses it to users without a plain secret', async () => {
    const { authenticator } = createBench({ firstDelayMs: 0 });
    await expect(authenticator.authenticate(CRAM, ORIGIN)).resolves.toEqual({ status: 'ok', user: 'tim' });
    for (const user of ['ann', 'nobody']) {
      const outcome = await authenticator.authenticate({ ...CRAM, user }, ORIGIN);
      expect(outcome).toEqual({ status: 'wrong' });
    }
    const other = await authenticator.authenticate({ ...CRAM, challenge: '<2@x>' }, ORIGIN);
    expect(other).toEqual({ status: 'wrong' });
  });

  it('offers CRAM-MD5 only where somebody has a plain secret', () => {
    expect(createBench().authenticator.mechanisms()).toEqual(['PLAIN', 'LOGIN', 'CRAM-MD5']);
    const { authenticator } = createBench({ users: { ann: { kind: 'hash', hash: 'right' } } });
    expect(authenticator.mechanisms()).toEqual(['PLAIN', 'LOGIN']);
  });

  it('waits after a wrong password before it looks at the next, in whatever session', async () => {
    const { authenticator, clock, asked } = createBench();
    await authenticator.authenticate(plain('ann', 'wrong'), ORIGIN);
    const next = authenticator.authenticate(plain('ann', 'right'), { ...ORIGIN, session: 's2' });
    await clock.advance(999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await expect(next).resolves.toEqual({ status: 'ok', user: 'ann' });
  });

  it('stops waiting when the client has gone, and holds that against nobody', async () => {
    const { authenticator, clock, asked, facts } = createBench();
    await authenticator.authenticate(plain('ann', 'wrong'), ORIGIN);
    const client = new AbortController();
    const next = authenticator.authenticate(plain('ann', 'x'), { ...ORIGIN, signal: client.signal });
    await clock.advance(500);
    client.abort();
    await expect(next).resolves.toEqual({ status: 'temporary', reason: 'gone' });
    expect(clock.pending()).toBe(0);
    expect(asked).toHaveLength(1);
    expect(facts.of('auth.failed').map(({ reason }) => reason)).toEqual(['wrong', 'temporary']);
  });

  it('refuses the right password too while the address is locked', async () => {
    const { authenticator, clock, asked } = createBench({ maxFailures: 2, firstDelayMs: 0 });
    await authenticator.authenticate(plain('ann', 'wrong'), ORIGIN);
    await authenticator.authenticate({ ...CRAM, challenge: '<2@x>' }, ORIGIN);
    const locked = { status: 'locked', untilMs: clock.now() + 600_000 };
    await expect(authenticator.authenticate(plain('ann', 'right'), ORIGIN)).resolves.toEqual(locked);
    await expect(authenticator.authenticate(CRAM, ORIGIN)).resolves.toEqual(locked);
    expect(asked).toHaveLength(1);
  });

  it('counts acting as somebody else like a wrong password, also with the right one', async () => {
    const { authenticator, clock, asked, facts } = createBench({ maxFailures: 2 });
    const other = { ...plain('ann', 'right'), isForOther: true } as const;
    await expect(authenticator.authenticate(other, ORIGIN)).resolves.toEqual({ status: 'wrong' });
    const next = authenticator.authenticate(other, ORIGIN);
    await clock.advance(999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await expect(next).resolves.toEqual({ status: 'wrong' });
    expect((await authenticator.authenticate(plain('ann', 'right'), ORIGIN)).status).toBe('locked');
    expect(facts.of('auth.failed').map(({ reason }) => reason)).toEqual([
      'other-identity',
      'other-identity',
      'locked',
    ]);
    expect(facts.of('auth.succeeded')).toEqual([]);
  });

  it('looks at guesses that come at once one after the other, until the address is locked', async () => {
    const { authenticator, clock, asked } = createBench({ maxFailures: 5 });
    const guesses = Array.from({ length: 50 }, (_, guess) =>
      authenticator.authenticate(plain('ann', `guess ${guess}`), ORIGIN),
    );
    await clock.advance(14_999);
    expect(asked).toHaveLength(4);
    await clock.advance(1);
    const outcomes = (await Promise.all(guesses)).map(({ status }) => status);
    expect(asked).toHaveLength(5);
    expect(outcomes.filter((status) => status === 'locked')).toHaveLength(45);
    expect((await authenticator.authenticate(plain('ann', 'right'), ORIGIN)).status).toBe('locked');
  });

  it('has no more attempts of one address wait than may', async () => {
    const { authenticator, clock } = createBench({ maxWaiting: 1 });
    await authenticator.authenticate(plain('ann', 'wrong'), ORIGIN);
    const three = [1, 2, 3].map(() => authenticator.authenticate(plain('ann', 'right'), ORIGIN));
    await expect(three[2]).resolves.toEqual({ status: 'temporary', reason: 'busy' });
    await clock.advance(1000);
    await expect(three[1]).resolves.toEqual({ status: 'ok', user: 'ann' });
  });

  it.each([
    [{ status: 'busy' }, { status: 'temporary', reason: 'busy' }, 0],
    [{ status: 'aborted' }, { status: 'temporary', reason: 'gone' }, 0],
    [{ status: 'failed', reason: 'no memory' }, { status: 'temporary', reason: 'trouble' }, 1],
    [{ status: 'malformed', reason: 'cut' }, { status: 'wrong' }, 1],
  ] as const)('makes of %j %j', async (answer, expected, logged) => {
    const { authenticator, complaints } = createBench({ answer });
    await expect(authenticator.authenticate(plain('ann', 'right'), ORIGIN)).resolves.toEqual(expected);
    expect(complaints).toHaveLength(logged);
  });

  it('survives a source of users that throws', async () => {
    const users = {
      get ann(): UserSecret {
        throw new Error('directory down');
      },
    };
    const clock = createFakeClock();
    const authenticator = createAuthenticator({
      users: { find: () => users.ann, hasPlainSecrets: false },
      attempts: createAttempts({ clock }),
      hash: createHashDouble().hash,
      clock,
      facts: recordFacts([]).facts,
      log: silentLogger,
    });
    const outcome = await authenticator.authenticate(plain('ann', 'right'), ORIGIN);
    expect(outcome).toEqual({ status: 'temporary', reason: 'trouble' });
  });
});

/**
 * Decides whether a client is who it claims to be.
 *
 * Order of an attempt: those of the same address before it are over, the address must not be
 * locked, the wait for its failures passes, then the password is verified in turn with all others.
 * A user that does not exist, one without a plain secret at CRAM-MD5 and a wrong password give the
 * same answer after the same work, and so does a right password of somebody who wants to act as
 * somebody else.
 *
 * Callers: the session's AUTH command. Never rejects; trouble of ours is `temporary` and counts
 * for nobody's failure.
 */
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { clientKey } from '../dns/client-key.js';
import type { Attempt, Attempts } from './attempts.js';
import type { PasswordHash } from './password-hash.js';
import { isCramAnswer } from './sasl/cram-md5.js';
import type { Credentials, Mechanism } from './sasl/exchange.js';
import type { UserSource } from './user-source.js';
import { normalizeText, shownName } from './user-text.js';

export interface AuthenticatorDeps {
  readonly users: UserSource;
  readonly attempts: Attempts;
  readonly hash: PasswordHash;
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
}

export interface AuthOrigin {
  readonly session: string;
  readonly remoteIp: string;
  /** Ends the attempt when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}

export type AuthOutcome =
  /** `user` is the name in NFC. Reply 235 2.7.0. */
  | { readonly status: 'ok'; readonly user: string }
  /** No such user, or not this password. Reply 535 5.7.8. */
  | { readonly status: 'wrong' }
  /** Too many wrong passwords from this address; `untilMs` is wall time. Reply 454 4.7.0, or 421. */
  | { readonly status: 'locked'; readonly untilMs: number }
  /** Too many attempts at once, the client has gone, or trouble of ours. Reply 454 4.7.0. */
  | { readonly status: 'temporary'; readonly reason: 'busy' | 'gone' | 'trouble' };

export interface Authenticator {
  /** What can succeed at this moment; CRAM-MD5 only while some user has a plain secret. */
  mechanisms(): readonly Mechanism[];
  authenticate(credentials: Credentials, origin: AuthOrigin): Promise<AuthOutcome>;
}

/** What verification alone can say. */
type Verdict = Exclude<AuthOutcome, { readonly status: 'locked' }>;

const BUSY: Verdict = { status: 'temporary', reason: 'busy' };
const GONE: Verdict = { status: 'temporary', reason: 'gone' };
const TROUBLE: Verdict = { status: 'temporary', reason: 'trouble' };
const WRONG: Verdict = { status: 'wrong' };

interface VerifyDeps extends AuthenticatorDeps {
  /** Stands for the secret of users that have none, so that CRAM-MD5 computes for them as well. */
  readonly decoy: string;
}

async function verify(
  credentials: Credentials,
  user: string,
  origin: AuthOrigin,
  deps: VerifyDeps,
): Promise<Verdict> {
  const { users, hash, log, decoy } = deps;
  const secret = users.find(user);
  if (credentials.mechanism === 'CRAM-MD5') {
    const plain = secret?.kind === 'plain' ? secret.secret : undefined;
    const isRight = isCramAnswer(credentials.challenge, plain ?? decoy, credentials.digest);
    return plain !== undefined && isRight ? { status: 'ok', user } : WRONG;
  }
  const asker = { key: clientKey(origin.remoteIp), signal: origin.signal };
  const outcome = await hash.verify(credentials.password, secret, asker);
  switch (outcome.status) {
    case 'match':
      return credentials.isForOther ? WRONG : { status: 'ok', user };
    case 'mismatch':
      return WRONG;
    case 'busy':
      return BUSY;
    case 'aborted':
      return GONE;
    case 'malformed':
      log.error('the stored hash of a user cannot be read', {
        user: shownName(user),
        reason: outcome.reason,
      });
      return WRONG;
    case 'failed':
      log.error('a password could not be verified', { session: origin.session, reason: outcome.reason });
      return TROUBLE;
  }
}

export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { users, attempts, clock, facts, log } = deps;
  const verifyDeps: VerifyDeps = { ...deps, decoy: clock.random(32).toString('hex') };

  async function run(credentials: Credentials, user: string, origin: AuthOrigin): Promise<AuthOutcome> {
    try {
      const answer = await attempts.run(origin, async (attempt) => {
        const verdict = await verify(credentials, user, origin, verifyDeps);
        learn(attempt, verdict, user);
        return verdict;
      });
      switch (answer.status) {
        case 'done':
          return answer.value;
        case 'locked':
          return answer;
        case 'busy':
          return BUSY;
        case 'gone':
          return GONE;
      }
    } catch (error) {
      // A source of users that throws breaks its contract; the client is told to come back.
      log.error('a password could not be verified', { session: origin.session, reason: messageOf(error) });
      return TROUBLE;
    }
  }

  return {
    mechanisms: () => (users.hasPlainSecrets ? ['PLAIN', 'LOGIN', 'CRAM-MD5'] : ['PLAIN', 'LOGIN']),
    async authenticate(credentials, origin) {
      const user = normalizeText(credentials.user);
      const outcome = await run(credentials, user, origin);
      const { session, remoteIp } = origin;
      const fact = { session, remoteIp, mechanism: credentials.mechanism, user: shownName(user) };
      if (outcome.status === 'ok') facts.publish('auth.succeeded', fact);
      else facts.publish('auth.failed', { ...fact, reason: reasonOf(outcome, credentials) });
      return outcome;
    },
  };
}

/** The operator may know more than the client: a right password and a wrong one look alike here too. */
function reasonOf({ status }: AuthOutcome, credentials: Credentials): string {
  const isForOther = credentials.mechanism !== 'CRAM-MD5' && credentials.isForOther === true;
  return status === 'wrong' && isForOther ? 'other-identity' : status;
}

/** What the attempt teaches about the address; a temporary answer teaches nothing. */
function learn(attempt: Attempt, verdict: Verdict, user: string): void {
  if (verdict.status === 'ok') attempt.succeeded(user);
  if (verdict.status === 'wrong') attempt.failed(user);
}

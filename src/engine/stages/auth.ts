/**
 * AUTH (RFC 4954 §4): from the command to a user who has logged in, or a refusal.
 *
 * What the listener does not offer is not accepted either. Passwords appear in no reply, note, log
 * or fact. Every failure counts towards the errors that end a session, and a session that has had
 * its share of wrong passwords is ended at the next AUTH. An address that is locked out gets 454
 * and keeps its session: it may still send mail that needs no login.
 *
 * Callers: stages/commands. While an attempt waits, the conversation reads nothing from the client.
 */
import type { AuthOutcome } from '../../auth/authenticator.js';
import {
  type Credentials,
  LONGEST_RESPONSE,
  type SaslExchange,
  type SaslFailure,
  type SaslStep,
} from '../../auth/sasl/exchange.js';
import { createSaslExchange, parseMechanism } from '../../auth/sasl/mechanisms.js';
import { shownName } from '../../auth/user-text.js';
import type { Soon } from '../../core/soon.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { type AuthOffer, authOffer } from './auth-offer.js';

type Offered = Extract<AuthOffer, { readonly status: 'offered' }>;

const FAILURES: Readonly<Record<SaslFailure, Answer>> = {
  cancelled: fault(REPLIES.authCancelled, 'auth-cancelled'),
  notBase64: fault(REPLIES.authNotBase64, 'auth-not-base64'),
  tooLong: fault(REPLIES.authTooLong, 'auth-too-long'),
  malformed: fault(REPLIES.authMalformed, 'auth-malformed'),
  unexpected: fault(REPLIES.authUnexpected, 'auth-initial-response'),
};

/** Why this is no moment for AUTH. */
function wrongMoment(session: Session): Answer | undefined {
  // HELO offers nothing; a relay may tell that its client said HELO, and say EHLO itself.
  if (session.offers.size === 0) return fault(REPLIES.needEhlo, 'bad-sequence');
  if (session.authUser !== '') return fault(REPLIES.alreadyLoggedIn, 'bad-sequence');
  return session.transaction ? fault(REPLIES.nestedMail, 'bad-sequence') : undefined;
}

export function auth(session: Session, argument: string): Soon<Answer> {
  const offer = authOffer(session);
  if (offer.status === 'never') return fault(REPLIES.notImplemented, 'not-implemented');
  const refusal = wrongMoment(session);
  if (refusal) return refusal;
  if (offer.status === 'needs-tls') return fault(REPLIES.authNeedsTls, 'auth-needs-tls');
  const { clock } = session.deps;
  const { hostname, limits } = session.settings;
  if (session.authFailures >= limits.maxAuthFailures) return fault(REPLIES.tooManyLogins, 'too-many-logins');
  const [word = '', initialResponse, ...more] = argument.split(/ +/);
  if (word === '' || more.length > 0) return fault(REPLIES.authSyntax, 'syntax');
  const mechanism = parseMechanism(word);
  if (!mechanism || !offer.mechanisms.includes(mechanism)) {
    return fault(REPLIES.unknownMechanism, 'unknown-mechanism');
  }
  const exchange = createSaslExchange(mechanism, { clock, hostname });
  return advance(session, { offer, exchange }, exchange.start(initialResponse));
}

interface Login {
  readonly offer: Offered;
  readonly exchange: SaslExchange;
}

/** Sends a challenge and waits for the line that answers it, verifies, or gives up. */
function advance(session: Session, login: Login, step: SaslStep): Soon<Answer> {
  switch (step.status) {
    case 'challenge':
      return {
        ...ok(reply(334, '', step.challenge)),
        next: {
          kind: 'line',
          maxOctets: LONGEST_RESPONSE,
          tooLong: FAILURES.tooLong,
          take: (line) => advance(session, login, login.exchange.next(line)),
        },
      };
    case 'credentials':
      return verify(session, login.offer, step.credentials);
    case 'failed':
      return FAILURES[step.reason];
  }
}

async function verify(session: Session, offer: Offered, credentials: Credentials): Promise<Answer> {
  const { id, peer } = session;
  const origin = { session: id, remoteIp: peer.remoteIp, signal: session.gone };
  const outcome = await offer.authenticator.authenticate(credentials, origin);
  if (outcome.status !== 'ok') return refusalOf(session, outcome);
  session.authUser = outcome.user;
  const text = `${shownName(outcome.user)} by ${credentials.mechanism}`;
  session.policies.note({ at: 'AUTH', reason: 'authenticated', text });
  return ok(REPLIES.loggedIn);
}

function refusalOf(session: Session, outcome: Exclude<AuthOutcome, { readonly status: 'ok' }>): Answer {
  switch (outcome.status) {
    case 'wrong':
      session.authFailures += 1;
      return fault(REPLIES.wrongPassword, 'wrong-password');
    case 'locked':
      return fault(REPLIES.authLocked, 'auth-locked');
    case 'temporary':
      return fault(REPLIES.authTrouble, `auth-${outcome.reason}`);
  }
}

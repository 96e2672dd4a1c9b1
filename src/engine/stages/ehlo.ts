/**
 * EHLO and HELO (RFC 5321 §4.1.1.1, §3.2, §4.1.4), LHLO for LMTP (RFC 2033 §4.1).
 *
 * The argument may be anything printable: a name that does not exist is no reason to refuse. A
 * refused command leaves the session as it was, with its transaction; an accepted one ends an open
 * transaction. Where a trusted relay told what the client said to it, that counts for policies and
 * for Received, while the extensions are those that the relay itself was offered.
 *
 * Callers: stages/commands.
 */
import { orElse, type Soon, soon } from '../../core/soon.js';
import type { Outcome } from '../../hooks/ports.js';
import { DOMAIN_OCTETS } from '../../smtp/limits.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { offersTo } from './extensions.js';
import { runStage } from './run-stage.js';

const HOST = /^[^\p{C}\p{Z}]+$/u;

function introduced({ told }: Session, host: string, extended: boolean): Session['hello'] {
  return {
    host: told.helo ?? host,
    extended: told.proto === undefined ? extended : told.proto === 'ESMTP',
  };
}

function hello(session: Session, host: string, extended: boolean): Soon<Answer> {
  if (!HOST.test(host) || Buffer.byteLength(host) > DOMAIN_OCTETS) return fault(REPLIES.badHost, 'syntax');
  const before = session.hello;
  const open = session.transaction;
  session.hello = introduced(session, host, extended);
  // The event is about the session; the values of a message have no place in it.
  session.transaction = undefined;
  const restore = (): void => {
    session.hello = before;
    session.transaction = open;
  };
  const asked = (): Soon<Answer> =>
    soon(runStage('onEhlo', session), ({ outcome, refusal }) => {
      if (!refusal) return welcome(session, outcome, { host, extended });
      restore();
      return refusal;
    });
  return orElse(asked, restore);
}

interface Greeted {
  readonly host: string;
  readonly extended: boolean;
}

function welcome(session: Session, outcome: Outcome, { host, extended }: Greeted): Answer {
  session.resetTransaction();
  if (outcome.action === 'discard') session.discardedBy = outcome.decidedBy;
  const offers = extended ? offersTo(session) : [];
  session.offers = new Set(offers.map(([keyword]) => keyword));
  const { greeting: words } = session.listener;
  const greeting = words === '' ? `${session.settings.hostname} greets ${host}` : words;
  return ok(reply(250, '', [greeting, ...offers.map((offer) => offer.join(' '))]));
}

function isLmtp(session: Session): boolean {
  return session.listener.kind === 'lmtp';
}

export function ehlo(session: Session, argument: string): Soon<Answer> {
  return isLmtp(session) ? fault(REPLIES.sayLhlo, 'not-lmtp') : hello(session, argument, true);
}

export function helo(session: Session, argument: string): Soon<Answer> {
  return isLmtp(session) ? fault(REPLIES.sayLhlo, 'not-lmtp') : hello(session, argument, false);
}

/** Means in LMTP what EHLO means in SMTP. */
export function lhlo(session: Session, argument: string): Soon<Answer> {
  return isLmtp(session) ? hello(session, argument, true) : fault(REPLIES.sayEhlo, 'not-smtp');
}

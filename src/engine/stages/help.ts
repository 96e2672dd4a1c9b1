/**
 * HELP (RFC 5321 §4.1.1.8): the commands that exist for this client.
 *
 * Callers: stages/commands. What is asked after in the argument makes no difference.
 */
import { reply } from '../../smtp/reply.js';
import type { Session } from '../session/session.js';
import { type Answer, ok } from './answer.js';
import { authOffer } from './auth-offer.js';
import { offersTls } from './starttls.js';

function commandsOf(session: Session): string[] {
  const isLmtp = session.listener.kind === 'lmtp';
  return [
    ...(isLmtp ? ['LHLO'] : ['EHLO', 'HELO']),
    ...(offersTls(session) ? ['STARTTLS'] : []),
    ...(authOffer(session).status === 'offered' ? ['AUTH'] : []),
    ...['MAIL', 'RCPT', 'DATA', 'BDAT', 'RSET', 'NOOP', 'VRFY', 'HELP', 'QUIT'],
    ...(session.mayXclient ? ['XCLIENT', 'XFORWARD'] : []),
  ];
}

export function help(session: Session): Answer {
  const standard = session.listener.kind === 'lmtp' ? 'RFC 2033 describes LMTP' : 'RFC 5321 describes them';
  return ok(reply(214, '2.0.0', [`Commands: ${commandsOf(session).join(' ')}`, standard]));
}

/**
 * What a client must do before a listener lets it do anything else: STARTTLS (RFC 3207 §4), a login
 * (RFC 4954 §6, RFC 6409 §4.3).
 *
 * Both refuse where they cannot be satisfied: a listener that requires TLS and has no certificate,
 * or requires a login and has no users, takes no mail, rather than taking it in clear or from all.
 *
 * Callers: stages/commands asks `mustSecure` before it runs any command and `mustLogIn` before VRFY;
 * stages/mail asks `mustLogIn`, on which RCPT and the message depend.
 */
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault } from './answer.js';

/** Commands that tell and change nothing, and those that lead to TLS or out. */
const IN_CLEAR: ReadonlySet<string> = new Set([
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'NOOP',
  'RSET',
  'HELP',
  'QUIT',
]);

/** The refusal of a command (in capitals) that needs encryption first. */
export function mustSecure(session: Session, verb: string): Answer | undefined {
  if (session.listener.tls !== 'required' || session.secure || IN_CLEAR.has(verb)) return undefined;
  return fault(REPLIES.needTls, 'needs-tls');
}

/** The refusal of a client that has to log in first; trusted networks need not. */
export function mustLogIn(session: Session): Answer | undefined {
  const isKnown = session.authUser !== '' || session.isTrusted;
  return session.listener.auth === 'required' && !isKnown
    ? fault(REPLIES.needLogin, 'needs-login')
    : undefined;
}

/**
 * STARTTLS (RFC 3207 §4): whether a handshake may follow. The conversation does the rest.
 *
 * Callers: stages/commands.
 */
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';

/** Whether this session could be encrypted and is not yet; what EHLO says of STARTTLS. */
export function offersTls(session: Session): boolean {
  const { tls } = session.listener;
  if (!session.deps.tls || session.secure || (tls !== 'offered' && tls !== 'required')) return false;
  return (session.policies.value('allowStartTLS') ?? 'yes') === 'yes';
}

export function starttls(session: Session, argument: string): Answer {
  if (argument !== '') return fault(REPLIES.noArgument, 'syntax');
  if (session.secure) return fault(REPLIES.secureAlready, 'bad-sequence');
  if (!offersTls(session)) return fault(REPLIES.notImplemented, 'not-implemented');
  return { ...ok(REPLIES.readyForTls), next: { kind: 'tls' } };
}

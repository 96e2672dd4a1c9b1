/**
 * The numbers and permissions that policies set, as the engine enforces them.
 *
 * maxDataSize is in KiB on the policy surface and in octets from here on. They hold whatever a
 * policy's smtpAction says: `accept` passes over refusals for reputation, never over these.
 *
 * Callers: engine/stages/{extensions,mail,rcpt,data,end-of-data}.
 */
import { RECIPIENTS_AT_MOST } from '../../smtp/limits.js';
import type { Mailbox } from '../../smtp/mailbox.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, refuse } from './answer.js';

const OCTETS_PER_KIB = 1024;
const DEFAULT_DATA_KIB = 10_240;
const DEFAULT_RECEIVED = 30;

/** Largest message in octets, as in force now. */
export function maxDataOctets(session: Session): number {
  return session.number('maxDataSize', DEFAULT_DATA_KIB) * OCTETS_PER_KIB;
}

/** Whether the message has passed through too many hosts (RFC 5321 §6.3). */
export function checkHops(session: Session, received: number): Answer | undefined {
  const limit = session.number('maxReceivedHeaders', DEFAULT_RECEIVED);
  return received > limit ? refuse(REPLIES.loop, 'hop-limit') : undefined;
}

/** Most recipients of one message, as in force now. */
export function maxRecipients(session: Session): number {
  return Math.min(session.number('maxRcptCount', RECIPIENTS_AT_MOST), RECIPIENTS_AT_MOST);
}

/** Whether the message has room for one more recipient (RFC 5321 §4.5.3.1.10). */
export function checkRecipientCount(session: Session, count: number): Answer | undefined {
  return count >= maxRecipients(session) ? refuse(REPLIES.tooManyRecipients, 'recipient-limit') : undefined;
}

/** A client in a trusted network counts as one that has logged in. */
function permits(session: Session, value: string): boolean {
  return value === 'all' || (value === 'auth' && (session.authUser !== '' || session.isTrusted));
}

/** Whether this client may send to this recipient, and whether the mail could go anywhere. */
export function checkDelivery(session: Session, mailbox: Mailbox): Answer | undefined {
  if (session.isLocal(mailbox)) {
    return permits(session, String(session.policies.value('localDelivery') ?? 'all'))
      ? undefined
      : refuse(REPLIES.localDenied, 'local-denied');
  }
  if (!permits(session, String(session.policies.value('remoteDelivery') ?? 'auth'))) {
    return refuse(REPLIES.relayDenied, 'relay-denied');
  }
  return session.settings.outbound ? undefined : refuse(REPLIES.nothingLeaves, 'no-outbound');
}

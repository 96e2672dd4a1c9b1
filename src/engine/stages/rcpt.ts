/**
 * RCPT TO (RFC 5321 §4.1.1.3, §3.3): check, ask the policies, apply limits and relay control.
 *
 * Limits and permissions are looked at after the policies, because a handler of this very event
 * may change them. A refusal concerns this recipient only. The policies see the recipient as the
 * last of the list, so discardRcpt may name it and it is then answered with success and dropped.
 *
 * Callers: stages/commands.
 */
import { type Soon, soon } from '../../core/soon.js';
import type { Outcome } from '../../hooks/ports.js';
import { RECIPIENTS_AT_MOST } from '../../smtp/limits.js';
import { type Mailbox, parsePath } from '../../smtp/mailbox.js';
import { parseRcptParameters } from '../../smtp/parameters.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import type { Recipient, Transaction } from '../session/transaction.js';
import { type Answer, fault, ok, refuse } from './answer.js';
import { checkDelivery, checkRecipientCount } from './limits.js';
import { parameterFault, parameterRules, pathFault } from './path-fault.js';
import { applyRecipients } from './recipient-edits.js';
import { runStage } from './run-stage.js';

const TO = /^TO: */i;

function read(session: Session, argument: string, utf8: boolean): Recipient | Answer {
  const keyword = TO.exec(argument);
  if (!keyword) return fault(REPLIES.rcptSyntax, 'syntax');
  const path = parsePath(argument.slice(keyword[0].length), { kind: 'recipient', utf8 });
  if (path.status !== 'ok') return pathFault('recipient', path);
  const extra = parseRcptParameters(path.rest, parameterRules(session, utf8));
  if (extra.status !== 'ok') return parameterFault(extra);
  return { mailbox: path.mailbox, parameters: extra.parameters };
}

export function rcpt(session: Session, argument: string): Soon<Answer> {
  const transaction = session.transaction;
  if (!session.hello) return fault(REPLIES.needHello, 'bad-sequence');
  if (!transaction) return fault(REPLIES.needMail, 'bad-sequence');
  transaction.attempts += 1;
  const recipient = read(session, argument, transaction.parameters.smtpUtf8 === true);
  if ('reply' in recipient) return recipient;
  // Nobody may raise the limit above this one, so policies are not asked for what is beyond it.
  if (transaction.recipientCount >= RECIPIENTS_AT_MOST)
    return refuse(REPLIES.tooManyRecipients, 'recipient-limit');
  if (transaction.discardedBy !== undefined) return dropped(transaction);
  return decide(session, transaction, recipient);
}

/** Each 250 is owed an answer of its own after the message where the client speaks LMTP (RFC 2033 §4.2). */
function accepted(transaction: Transaction): Answer {
  transaction.accepted += 1;
  return ok(REPLIES.recipientOk);
}

function dropped(transaction: Transaction): Answer {
  transaction.dropped += 1;
  return accepted(transaction);
}

function valuesOf(session: Session, mailbox: Mailbox): Record<string, string> {
  return {
    rcptTo: mailbox.address,
    rcptToLocalPart: mailbox.local,
    rcptToDomain: mailbox.domain,
    isRcptLocal: session.isLocal(mailbox) ? 'yes' : 'no',
  };
}

function decide(session: Session, transaction: Transaction, recipient: Recipient): Soon<Answer> {
  const { mailbox } = recipient;
  const known = transaction.has(mailbox);
  let before: readonly string[] = [];
  const ran = runStage('onRcptTo', session, () => {
    before = known ? transaction.addresses : [...transaction.addresses, mailbox.address];
    return { values: valuesOf(session, mailbox), recipients: before };
  });
  return soon(ran, ({ outcome, refusal }) => {
    if (refusal) return refusal;
    return afterPolicies(session, recipient, outcome, before);
  });
}

function afterPolicies(
  session: Session,
  recipient: Recipient,
  outcome: Outcome,
  before: readonly string[],
): Answer {
  const { mailbox } = recipient;
  const { transaction } = session;
  // A policy cannot end the transaction, and the client is held back while it is asked.
  if (!transaction) return fault(REPLIES.needMail, 'bad-sequence');
  const known = transaction.has(mailbox);
  const limited = known ? undefined : checkRecipientCount(session, transaction.recipientCount);
  const denied = checkDelivery(session, mailbox) ?? limited;
  if (denied) return denied;
  if (outcome.action === 'discard') return dropped(transaction);
  transaction.add(recipient);
  applyRecipients(session, transaction, before, outcome.recipients);
  return accepted(transaction);
}

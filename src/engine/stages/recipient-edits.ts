/**
 * addRcpt and discardRcpt: what the policies did to the list of recipients, applied to the envelope.
 *
 * An added recipient needs no permission of the client, since the operator's own policy added it,
 * but it must be an address and the mail must be able to go there; otherwise it is left out, and
 * log and trace say so.
 *
 * Callers: engine/stages/{rcpt,headers}.
 */
import { parseAddress } from '../../smtp/mailbox.js';
import type { Session } from '../session/session.js';
import type { Transaction } from '../session/transaction.js';

function add(session: Session, transaction: Transaction, address: string): void {
  const mailbox = parseAddress(address);
  const reason = !mailbox
    ? 'added-recipient-malformed'
    : session.isLocal(mailbox) || session.settings.outbound
      ? undefined
      : 'added-recipient-unroutable';
  if (mailbox && reason === undefined) {
    if (!transaction.has(mailbox)) transaction.add({ mailbox, parameters: {} });
    return;
  }
  session.policies.note({ at: 'addRcpt', reason: reason ?? '', text: `${address} was left out` });
  session.deps.log.warn('a recipient added by a policy was left out', {
    session: session.id,
    address,
    reason,
  });
}

/** Brings the envelope from `before` to `after`, two lists of addresses. */
export function applyRecipients(
  session: Session,
  transaction: Transaction,
  before: readonly string[],
  after: readonly string[] | undefined,
): void {
  if (after === undefined || after === before) return;
  const kept = new Set(after);
  const known = new Set(before);
  for (const { mailbox } of transaction.recipients) {
    if (kept.has(mailbox.address) || !known.has(mailbox.address)) continue;
    transaction.remove(mailbox);
    transaction.dropped += 1;
  }
  for (const address of after) if (!known.has(address)) add(session, transaction, address);
}

/**
 * From a message that passed everything to an entry of the queue.
 *
 * Signatures of ours, what the checks found and the Received field go on top, in this order, and the
 * entry is handed over. Before `intake.accept` resolves nothing has been promised: a crash leaves at
 * most a body that the queue sweeps at its next start, and the client, who got no answer, sends again.
 *
 * Callers: stages/end-of-data. Rejects with QueueError or ERR_DKIM_SIGN; the caller answers 4yz.
 */
import type { MessageBody } from '../message/body.js';
import { type HeaderBlock, emptyHeader } from '../message/header-block.js';
import { formatReceived } from '../message/received.js';
import { type JsonObject, type QueueEntry, type RecipientState, newRecipient } from '../queue/entry.js';
import type { Incoming } from './session/incoming.js';
import type { Session } from './session/session.js';
import type { Recipient, Transaction } from './session/transaction.js';
import { withFindings } from './stages/authentication-results.js';
import { parseDelay } from './stages/delay.js';
import { withSignatures } from './stages/signing.js';

function withReceived(header: HeaderBlock, incoming: Incoming, at: number): HeaderBlock {
  const { session, transaction } = incoming;
  const [only, second] = transaction.recipients;
  const raw = formatReceived({
    ehloHost: session.hello?.host ?? '',
    remoteName: session.told.name ?? '',
    remoteIp: session.peer.remoteIp,
    hostname: session.settings.hostname,
    transmission: {
      lmtp: session.listener.kind === 'lmtp',
      extended: session.hello?.extended === true,
      utf8: transaction.parameters.smtpUtf8 === true,
      secure: session.secure,
      authenticated: session.authUser !== '',
    },
    tls: session.tls,
    id: transaction.queueId,
    recipient: only && !second && transaction.dropped === 0 ? only.mailbox.address : '',
    at,
  });
  return header.prepend('Received', raw);
}

function recipientState(session: Session, { mailbox, parameters }: Recipient): RecipientState {
  const dsn: JsonObject = {
    ...(parameters.notify ? { notify: parameters.notify } : {}),
    ...(parameters.orcpt === undefined ? {} : { orcpt: parameters.orcpt }),
  };
  return { ...newRecipient(mailbox.local, session.domainOf(mailbox), dsn), address: mailbox.address };
}

/**
 * MAIL parameters that the delivery needs; the declared size has served. Who submitted the message
 * is believed of those who have logged in and of trusted networks only; from anybody else it counts
 * as `AUTH=<>` (RFC 4954 §5).
 */
function envelopeOf(session: Session, { parameters }: Transaction): JsonObject {
  const { size: _declared, auth, ...kept } = parameters;
  if (auth === undefined) return kept;
  const isBelieved = session.authUser !== '' || session.isTrusted;
  return { ...kept, auth: isBelieved ? auth : '' };
}

/** When delivery may start; a delay that says no time is reported and counts as none. */
function notBeforeOf(session: Session, now: number): number {
  const text = String(session.policies.value('delayDelivery') ?? '');
  if (text.trim() === '') return 0;
  const at = parseDelay(text, now);
  if (at === undefined) {
    session.policies.note({
      at: 'delayDelivery',
      reason: 'bad-delay',
      text: `"${text}" is no time; not delayed`,
    });
    session.deps.log.warn('delayDelivery holds no time', { session: session.id, delayDelivery: text });
  }
  return at === undefined || at <= now ? 0 : at;
}

/** Hands the message with its finished body to the queue; when this resolves, 250 may be said. */
export async function acceptMessage(incoming: Incoming, body: MessageBody): Promise<void> {
  const { session, transaction } = incoming;
  const { clock, facts, intake } = session.deps;
  const began = clock.elapsed();
  const now = clock.now();
  const signed = await withSignatures(incoming, incoming.header ?? emptyHeader(), body);
  const block = withReceived(withFindings(session, signed), incoming, now);
  const header = block.toBuffer();
  const entry: QueueEntry = {
    queueId: transaction.queueId,
    sessionId: session.id,
    receivedAt: now,
    sender: transaction.sender.address,
    recipients: transaction.recipients.map((one) => recipientState(session, one)),
    envelope: envelopeOf(session, transaction),
    header,
    body,
    size: header.length + body.size,
    messageState: session.policies.messageState() as JsonObject,
    notBefore: notBeforeOf(session, now),
    hold: false,
  };
  // From here on the body is the queue's: after a refusal it is gone, or its fate is in doubt, and
  // throwing it away could damage a message that is stored after all.
  incoming.sink = undefined;
  await intake.accept(entry);
  session.mailCount += 1;
  session.totalMailSize += incoming.size;
  const { queueId } = transaction;
  const recipients = transaction.recipientCount;
  const messageId = block.get('message-id');
  session.policies.note({
    at: 'end-of-data',
    reason: 'queued',
    text: `queued as ${queueId}`,
    queueId,
    ...(messageId === undefined ? {} : { messageId }),
  });
  facts.publish('message.queued', {
    session: session.id,
    queueId,
    size: entry.size,
    recipients,
    ms: clock.elapsed() - began,
  });
}

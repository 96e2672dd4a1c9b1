/**
 * One message to some recipients over one connection (RFC 5321 §3.3; RFC 2033 for LMTP).
 *
 * Each recipient is reported as soon as its fate is known: refused at RCPT, or decided by the
 * answer after the data, of which SMTP gives one and LMTP one for each recipient it accepted.
 * After 250 the message is the peer's. An answer that comes before the end of the data can refuse
 * it but never accept it, because the peer has not seen all of it.
 *
 * Callers: delivery/smtp/transport. Rejects when the connection or the body fails; those not
 * reported by then are tried again. A peer that had taken the message, and lost the connection
 * before its answer came, gets it a second time.
 */
import type { QueueEntry, RecipientState } from '../../queue/entry.js';
import type { RecipientResult, ReportResult } from '../transport.js';
import { type NextHopClient, watched } from './client.js';
import { type ContentPlan, writeChunk, writeStuffed } from './content.js';
import { type Plan, planMessage, recipientParameters } from './plan.js';
import { classOf, type PeerReply, type ReplyClass } from './reply.js';
import type { Timeouts } from './timeouts.js';

export interface Transaction {
  readonly client: NextHopClient;
  readonly entry: QueueEntry;
  readonly recipients: readonly RecipientState[];
  readonly protocol: 'smtp' | 'lmtp';
  readonly isLocalDelivery: boolean;
  readonly timeouts: Timeouts;
  readonly report: ReportResult;
}

function resultOf({ address }: RecipientState, reply: PeerReply, fate: ReplyClass): RecipientResult {
  if (fate === 'accepted') return { status: 'delivered', address, reply: reply.text };
  const reason = reply.code === 0 ? `answer without a reply code: ${reply.text}` : reply.text;
  return { status: fate, address, reason };
}

/** An answer that says yes where it cannot is no answer to rely on. */
function refusal(reply: PeerReply): ReplyClass {
  return classOf(reply) === 'failed' ? 'failed' : 'deferred';
}

/** RFC 5321 §4.5.3.1.10: older servers say 552 for "too many recipients", which 452 is for. */
function rcptFate(reply: PeerReply): ReplyClass {
  return reply.code === 552 ? 'deferred' : classOf(reply);
}

/** MAIL and RCPT; answers with the recipients that the peer accepted, in their order. */
async function sendEnvelope(transaction: Transaction, plan: Plan): Promise<readonly RecipientState[]> {
  const { client, entry, timeouts, report } = transaction;
  const rcpt = (recipient: RecipientState): Promise<PeerReply> => {
    const parameters = plan.passDsn ? recipientParameters(recipient) : '';
    return watched(client.ask(`RCPT TO:<${recipient.address}>${parameters}`, timeouts.rcpt));
  };
  const mail = (): Promise<PeerReply> =>
    watched(client.ask(`MAIL FROM:<${entry.sender}>${plan.mailParameters}`, timeouts.mail));
  const isPipelined = client.facts().extensions.has('PIPELINING');
  const { first, rest } = isPipelined
    ? client.together(() => ({ first: mail(), rest: plan.recipients.map(rcpt) }))
    : { first: mail(), rest: [] };
  const opened = await first;
  if (opened.code === 421) throw new Error(opened.text);
  const isOpen = classOf(opened) === 'accepted';
  const accepted: RecipientState[] = [];
  for (const [index, recipient] of plan.recipients.entries()) {
    if (!isOpen) report(resultOf(recipient, opened, refusal(opened)));
    const reply = await (rest[index] ?? (isOpen ? rcpt(recipient) : undefined));
    if (!isOpen || !reply) continue;
    const fate = rcptFate(reply);
    if (fate === 'accepted') accepted.push(recipient);
    else report(resultOf(recipient, reply, fate));
  }
  return accepted;
}

/** Says DATA; when the peer does not want any, everybody is reported. */
async function openData(transaction: Transaction, accepted: readonly RecipientState[]): Promise<boolean> {
  const { client, timeouts, report } = transaction;
  const go = await client.ask('DATA', timeouts.dataStart);
  if (go.code >= 300 && go.code <= 399) return true;
  for (const recipient of accepted) report(resultOf(recipient, go, refusal(go)));
  await reset(transaction);
  return false;
}

/** Writes the content; answers whether the peer spoke before it had all of it. */
async function sendContent(
  { client, entry, timeouts }: Transaction,
  content: Plan['content'],
  answer: Promise<PeerReply>,
): Promise<boolean> {
  let state: 'sending' | 'ending' | 'interrupted' = 'sending';
  const interrupted = answer.then(() => {
    if (state === 'sending') state = 'interrupted';
  });
  const plan: ContentPlan = {
    client,
    entry,
    timeouts,
    isAnswered: () => state === 'interrupted',
    onEnding() {
      state = 'ending';
    },
  };
  const written = watched(content === 'bdat' ? writeChunk(plan) : writeStuffed(plan));
  // A peer that has answered reads no more, and the rest would wait for room for ever.
  await Promise.race([written, watched(interrupted)]);
  if (plan.isAnswered()) return true;
  await written;
  return plan.isAnswered();
}

/** The content, and what the peer made of it. */
async function deliverContent(
  transaction: Transaction,
  plan: Plan,
  accepted: readonly RecipientState[],
): Promise<void> {
  const { client, protocol, timeouts, report } = transaction;
  if (plan.content === 'data' && !(await openData(transaction, accepted))) return;
  const first = client.expect();
  const later = protocol === 'lmtp' ? accepted.slice(1).map(() => client.expect()) : [];
  const isCut = await sendContent(transaction, plan.content, first);
  for (const [index, recipient] of accepted.entries()) {
    const answer = index === 0 ? first : (later[index - 1] ?? first);
    const reply = await client.limit(answer, 'the answer to the message', timeouts.dataEnd);
    report(resultOf(recipient, reply, isCut ? refusal(reply) : classOf(reply)));
    // The peer is out of step: further answers cannot be told from its answers to the content.
    if (isCut && protocol === 'lmtp') break;
  }
  if (isCut) throw new Error('the peer answered before the end of the message');
}

/** Makes the connection fit for the next message; one that does not answer 250 is left. */
async function reset({ client, timeouts }: Transaction): Promise<void> {
  const reply = await client.ask('RSET', timeouts.command);
  if (classOf(reply) !== 'accepted') client.fail(new Error(`RSET: ${reply.text}`));
}

/** Brings the message to the recipients; each of them is reported, unless this rejects. */
export async function transact(transaction: Transaction): Promise<void> {
  const { client, entry, recipients, isLocalDelivery, timeouts, report } = transaction;
  client.transactions += 1;
  const plan = await planMessage({ entry, recipients, peer: client.facts(), isLocalDelivery });
  for (const result of plan.refused) report(result);
  if (plan.recipients.length === 0) {
    // Kept, the connection would meet the next attempt as it is, in clear.
    if (plan.refused.some(({ status }) => status === 'deferred')) await client.leave(timeouts.command);
    return;
  }
  const accepted = await sendEnvelope(transaction, plan);
  if (accepted.length > 0) await deliverContent(transaction, plan, accepted);
  else await reset(transaction);
}

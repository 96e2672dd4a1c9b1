/**
 * The end of a message: onDataReceived, the limits that can still change, and the queue.
 *
 * Callers: stages/data. The 250 of an accepted message is made only after the queue has taken
 * responsibility (RFC 5321 §6.1).
 */
import type { Verified } from '../../checks/signatures/verified.js';
import { InvariantError } from '../../core/errors.js';
import { type Soon, soon } from '../../core/soon.js';
import { emptyHeader } from '../../message/header-block.js';
import { countReceived } from '../../message/received.js';
import { type Reply, reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { acceptMessage } from '../accept.js';
import type { Incoming } from '../session/incoming.js';
import { type Answer, refuse } from './answer.js';
import { checkHops, maxDataOctets } from './limits.js';
import { runStage } from './run-stage.js';

function queued(queueId: string): Reply {
  return reply(250, '2.0.0', `Ok: queued as ${queueId}`);
}

/** Success for a message that was dropped looks like any other. */
function discarded(incoming: Incoming, decidedBy: string): Answer {
  const { session, transaction } = incoming;
  incoming.forget();
  session.mailCount += 1;
  session.deps.facts.publish('message.discarded', { session: session.id, decidedBy });
  session.policies.note({ at: 'end-of-data', reason: 'discarded', text: `dropped by ${decidedBy}` });
  return { reply: queued(transaction.queueId), reason: 'discarded', decidedBy };
}

/** The signatures are read wherever onDataReceived is heard. */
function verify({ signatures }: Incoming): Promise<Verified> {
  return signatures
    ? signatures.verify()
    : Promise.reject(new InvariantError('ERR_INVARIANT', { detail: { reason: 'signatures were not read' } }));
}

/** What onDataReceived and the limits, which it may have changed, say of the whole message. */
function judge(incoming: Incoming): Soon<void> {
  const { session, transaction } = incoming;
  const ran = runStage('onDataReceived', session, () => ({
    headers: incoming.header,
    recipients: transaction.addresses,
    message: {
      header: () => (incoming.header ?? emptyHeader()).toBuffer(),
      body: () => incoming.finishBody(),
      sender: transaction.given.address,
      verify: () => verify(incoming),
    },
  }));
  return soon(ran, ({ outcome, refusal }) => {
    if (refusal) incoming.refuse(refusal);
    else if (outcome.action === 'discard') incoming.discard(outcome.decidedBy);
    incoming.signWith = [...incoming.signWith, ...outcome.signWith];
    checkLimits(incoming);
  });
}

function checkLimits(incoming: Incoming): void {
  const { session } = incoming;
  const hops = incoming.header ? checkHops(session, countReceived(incoming.header)) : undefined;
  if (hops) incoming.refuse(hops);
  if (incoming.size > maxDataOctets(session)) incoming.refuse(refuse(REPLIES.tooBig, 'size-limit'));
}

export function endOfData(incoming: Incoming): Soon<Answer> {
  return soon(incoming.isOpen ? judge(incoming) : undefined, () => conclude(incoming));
}

function conclude(incoming: Incoming): Soon<Answer> {
  if (incoming.refusal) return incoming.refusal;
  if (incoming.discardedBy !== undefined) return discarded(incoming, incoming.discardedBy);
  if (incoming.transaction.recipientCount === 0) return discarded(incoming, 'every recipient was dropped');
  return store(incoming);
}

async function store(incoming: Incoming): Promise<Answer> {
  // From here on the message is ours, unless something fails: the client is to hear of it.
  incoming.session.isStoring = true;
  try {
    return await accept(incoming);
  } finally {
    incoming.session.isStoring = false;
  }
}

async function accept(incoming: Incoming): Promise<Answer> {
  const body = await incoming.finishBody();
  // A client that has left meanwhile sends again, and checks it has cut short have judged nothing.
  if (incoming.refusal) return incoming.refusal;
  await acceptMessage(incoming, body);
  return { reply: queued(incoming.transaction.queueId), reason: 'queued', decidedBy: 'engine' };
}

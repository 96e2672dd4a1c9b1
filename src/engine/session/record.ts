/**
 * What is told about a conversation: facts for whoever counts, notes for the trace of the session.
 *
 * Callers: conversation.ts. Decides nothing; the one thing it makes is the reply with the id that
 * finds its reason.
 */
import { messageOf } from '../../core/errors.js';
import { type Reply, formatReply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { type Answer, refuse } from '../stages/answer.js';
import { withReference } from '../stages/reply-for.js';
import type { Session } from './session.js';

/** The octets of the replies of the table, which are sent again and again. */
const TEXTS: ReadonlyMap<Reply, string> = new Map(
  Object.values(REPLIES).map((reply) => [reply, formatReply(reply)]),
);

function textOf(reply: Reply): string {
  return TEXTS.get(reply) ?? formatReply(reply);
}

export function tellOpened({ deps, id, listener, peer }: Session): void {
  deps.facts.publish('session.opened', { session: id, remoteIp: peer.remoteIp, listener: listener.name });
}

/** `beganAt` is a time of the monotonic clock. */
export function tellClosed({ deps, id, mailCount }: Session, reason: string, beganAt: number): void {
  const ms = deps.clock.elapsed() - beganAt;
  deps.facts.publish('session.closed', { session: id, ms, messages: mailCount, reason });
}

export function tellRefusedMessage({ deps, id }: Session, { reply, decidedBy }: Answer): void {
  deps.facts.publish('message.refused', { session: id, code: reply.code, decidedBy });
}

export function tellBroken({ deps, id }: Session, { message }: Error): void {
  deps.log.debug('connection error', { session: id, error: message });
}

/** A step threw: a bug of ours, which must cost the client no more than another try. */
export function failedInside({ deps, id }: Session, verb: string, error: unknown): Answer {
  deps.log.error('a command failed inside', { session: id, verb, error: messageOf(error), cause: error });
  return refuse(REPLIES.internalError, 'internal-error');
}

/** Tells of the answer, and gives the octets to send; a refusal gets the id that finds it. */
export function conclude({ deps, id, policies }: Session, verb: string, answer: Answer): string {
  const { reply, decidedBy } = answer;
  deps.facts.publish('command.answered', { session: id, verb, code: reply.code, decidedBy });
  if (reply.code < 400) return textOf(reply);
  const text = `${reply.code} ${reply.enhanced} ${reply.text.join(' ')}`;
  const step = answer.step ?? policies.note({ at: verb, reason: answer.reason, text });
  return formatReply(withReference(reply, `${id}.${step}`));
}

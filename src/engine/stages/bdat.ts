/**
 * BDAT: what becomes of a chunk before its first octet is read (RFC 3030 §2).
 *
 * The octets follow the command at once, so there is no answer before they are read, and one that
 * is refused is read as well, to its true end. Where that end is unknown or too far away, the
 * connection ends.
 *
 * Callers: conversation.ts.
 */
import { admitChunk, type ChunkFault, parseBdat } from '../../smtp/bdat.js';
import { type Reply, reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, refuse } from './answer.js';
import { missingForMessage } from './data.js';
import { maxDataOctets } from './limits.js';
import { mustSecure } from './must-first.js';

export interface Chunk {
  readonly size: number;
  readonly isLast: boolean;
  /** Set when the octets are to be forgotten: what is answered then. */
  readonly inVain: Answer | undefined;
  /** Whether it came where no chunk was expected, so that it is no part of a message. */
  readonly isStray: boolean;
}

export type ChunkPlan =
  | { readonly status: 'answer'; readonly answer: Answer }
  | { readonly status: 'read'; readonly chunk: Chunk };

function closing({ code, enhanced, text }: Reply): Reply {
  return reply(code, enhanced, text, { close: true });
}

function answerTo(problem: ChunkFault, session: Session, refusal: Answer | undefined): Answer {
  switch (problem) {
    case 'sequence':
      return missingForMessage(session) ?? fault(REPLIES.chunksOver, 'bad-sequence');
    case 'tooBig':
      return refuse(REPLIES.tooBig, 'size-limit');
    case 'failed':
      return refusal ?? refuse(REPLIES.chunksOver, 'bad-sequence');
  }
}

/** A policy may still raise the limit when it has seen the header, so the first chunk is no proof. */
function limitFor(session: Session): number {
  const isSettled = session.chunks.phase !== 'none' || !session.policies.hears('onHeadersReceived');
  return isSettled ? maxDataOctets(session) : Number.MAX_SAFE_INTEGER;
}

/** Decides over the next chunk; `refusal` is what an earlier one of this message was answered. */
export function planChunk(session: Session, argument: string, refusal: Answer | undefined): ChunkPlan {
  const clear = mustSecure(session, 'BDAT');
  if (clear) return { status: 'answer', answer: { ...clear, reply: closing(clear.reply) } };
  const parsed = parseBdat(argument);
  if (parsed.status === 'bad') {
    const bad = reply(501, '5.5.4', `BDAT ${parsed.reason}`, { close: true });
    return { status: 'answer', answer: fault(bad, 'syntax') };
  }
  const { command } = parsed;
  const decision = admitChunk(session.chunks, command, {
    hasRecipients: missingForMessage(session) === undefined,
    maxOctets: limitFor(session),
    maxSkipped: session.settings.limits.maxDrainOctets,
  });
  if (decision.status === 'end') {
    const answer = answerTo(decision.fault, session, refusal);
    return { status: 'answer', answer: { ...answer, reply: closing(answer.reply) } };
  }
  const problem = decision.status === 'skip' ? decision.fault : undefined;
  const inVain = problem && answerTo(problem, session, refusal);
  session.chunks = decision.next;
  const { size, last: isLast } = command;
  return { status: 'read', chunk: { size, isLast, inVain, isStray: problem === 'sequence' } };
}

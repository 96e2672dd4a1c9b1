/**
 * What a stage came to: the reply, and who decided it and why.
 *
 * Callers: every stage returns one; conversation.ts records it, adds the reply id and sends it.
 */
import type { Reply } from '../../smtp/reply.js';

export interface Answer {
  readonly reply: Reply;
  /** Stable kebab reason for the trace, e.g. `relay-denied`; `ok` for success. */
  readonly reason: string;
  /** A policy's name, `internal`, or `engine`. */
  readonly decidedBy: string;
  /** The step of the trace that decided; without one the reply gets a note of its own. */
  readonly step?: number;
  /** Whether it counts towards the errors that end a session. */
  readonly isError?: true;
}

/** Success, decided by nobody in particular. */
export function ok(reply: Reply): Answer {
  return { reply, reason: 'ok', decidedBy: 'engine' };
}

/** A refusal of the engine itself. */
export function refuse(reply: Reply, reason: string): Answer {
  return { reply, reason, decidedBy: 'engine' };
}

/** A refusal for what the client did wrong; too many of these end the session. */
export function fault(reply: Reply, reason: string): Answer {
  return { reply, reason, decidedBy: 'engine', isError: true };
}

/**
 * What a stage came to: the reply, and who decided it and why.
 *
 * Callers: every stage returns one; conversation.ts records it, adds the reply id and sends it.
 */
import type { Soon } from '../../core/soon.js';
import type { Reply } from '../../smtp/reply.js';
import type { Session } from '../session/session.js';

/** What the conversation does once the reply is on its way, instead of waiting for a command. */
export type Next =
  /** The message of DATA follows. */
  | { readonly kind: 'message' }
  /** The next line is no command: `take` answers it. Longer than `maxOctets` it is refused as `tooLong`. */
  | {
      readonly kind: 'line';
      readonly maxOctets: number;
      readonly tooLong: Answer;
      take(line: string): Soon<Answer>;
    }
  /** The handshake follows; what the client sent before is thrown away (RFC 3207 §4.2). */
  | { readonly kind: 'tls' }
  /** Begins again as from an accepted connection, with another client: XCLIENT. */
  | { readonly kind: 'session'; readonly session: (id: string) => Session };

export type NextLine = Extract<Next, { readonly kind: 'line' }>;

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
  /** How often the reply is sent: LMTP owes one to each recipient (RFC 2033 §4.2). Default 1. */
  readonly copies?: number;
  readonly next?: Next;
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

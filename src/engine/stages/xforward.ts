/**
 * XFORWARD (XFORWARD_README of Postfix): a trusted relay tells where the next message came from.
 *
 * For the record only: it goes into the trace and the log and changes nothing about the session.
 * Nothing is kept here, so there is nothing to forget at the end of the message.
 *
 * Callers: stages/commands.
 */
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { parseXforward, type Told, type XforwardAttributes } from '../../smtp/xclient.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { mayNotSpeak } from './xclient.js';

function shown(told: Told<string | number>): string {
  return told.status === 'known' ? String(told.value) : 'unknown';
}

/** `addr=192.0.2.1 ident=4Xz1`: values have no blanks. */
function describe(attributes: XforwardAttributes): string {
  const told = Object.entries(attributes) as [string, Told<string | number>][];
  return told.map(([name, value]) => `${name}=${shown(value)}`).join(' ');
}

export function xforward(session: Session, argument: string): Answer {
  const refusal = mayNotSpeak(session);
  if (refusal) return refusal;
  const result = parseXforward(argument);
  if (result.status === 'bad') {
    return fault(reply(501, '5.5.4', `Bad XFORWARD: ${result.attribute} ${result.reason}`), 'syntax');
  }
  const text = describe(result.attributes);
  session.policies.note({ at: 'XFORWARD', reason: 'told-by-relay', text });
  session.deps.log.debug('a relay told where a message came from', { session: session.id, told: text });
  return ok(REPLIES.forwarded);
}

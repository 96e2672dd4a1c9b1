/**
 * The connection and its greeting (RFC 5321 §3.1, §4.3.1).
 *
 * Callers: conversation.ts, before anything is read from the client.
 */
import { type Soon, soon } from '../../core/soon.js';
import { reply } from '../../smtp/reply.js';
import type { Session } from '../session/session.js';
import { type Answer, ok } from './answer.js';
import { runStage, type StageRun } from './run-stage.js';

/** Asks onConnect; the answer is the greeting, or the refusal that ends the connection. */
export function connect(session: Session): Soon<Answer> {
  return soon(runStage('onConnect', session), (ran) => greeting(session, ran));
}

function greeting(session: Session, { outcome, refusal }: StageRun): Answer {
  if (refusal) return refusal;
  if (outcome.action === 'discard') session.discardedBy = outcome.decidedBy;
  const own = session.policies.value('smtpGreeting');
  const { greeting: words, banner } = session.listener;
  const standard = words === '' ? `${session.settings.hostname} ${banner}` : `${words} ESMTP`;
  return ok(reply(220, '', own === undefined || own === '' ? standard : String(own)));
}

/**
 * The connection and its greeting (RFC 5321 §3.1, §4.3.1).
 *
 * Callers: conversation.ts, before anything is read from the client.
 */
import { reply } from '../../smtp/reply.js';
import type { Session } from '../session/session.js';
import { type Answer, ok } from './answer.js';
import { runStage } from './run-stage.js';

/** Asks onConnect; the answer is the greeting, or the refusal that ends the connection. */
export async function connect(session: Session): Promise<Answer> {
  const { outcome, refusal } = await runStage('onConnect', session);
  if (refusal) return refusal;
  if (outcome.action === 'discard') session.discardedBy = outcome.decidedBy;
  const own = session.policies.value('smtpGreeting');
  const standard = `${session.settings.hostname} ${session.listener.banner}`;
  return ok(reply(220, '', own === undefined || own === '' ? standard : String(own)));
}

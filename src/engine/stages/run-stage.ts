/**
 * One event of a session: gather what is known, ask the policies, turn a refusal into an answer.
 *
 * Callers: every stage that has an event. Nothing event-specific belongs here. Rejects only for a
 * bug of the runtime, which the conversation answers with 451.
 */
import type { Outcome, RunInput } from '../../hooks/ports.js';
import type { Session } from '../session/session.js';
import type { Answer } from './answer.js';
import { type InboundEvent, replyFor } from './reply-for.js';

export interface StageRun {
  readonly outcome: Outcome;
  /** Set when the policies refuse. */
  readonly refusal: Answer | undefined;
}

/** Runs `event`; `more` holds what belongs to this event beside the values of the session. */
export async function runStage(
  event: InboundEvent,
  session: Session,
  more: Partial<RunInput> = {},
): Promise<StageRun> {
  const values = session.values();
  if (more.values) Object.assign(values, more.values);
  const outcome = await session.policies.run(event, Object.assign(more, { values }));
  const reply = replyFor(event, outcome);
  if (!reply) return { outcome, refusal: undefined };
  const reason = outcome.failure ? 'policy-failure' : `policy-${outcome.action}`;
  return {
    outcome,
    refusal: { reply, reason, decidedBy: outcome.decidedBy || 'internal', step: outcome.step },
  };
}

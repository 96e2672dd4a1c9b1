/**
 * One event of a session: gather what is known, ask the policies, turn a refusal into an answer.
 *
 * Callers: every stage that has an event. Nothing event-specific belongs here. Rejects only for a
 * bug of the runtime, which the conversation answers with 451.
 */
import { type Soon, soon } from '../../core/soon.js';
import type { Outcome, RunInput } from '../../hooks/ports.js';
import type { Session } from '../session/session.js';
import type { Answer } from './answer.js';
import { type InboundEvent, replyFor } from './reply-for.js';

export interface StageRun {
  readonly outcome: Outcome;
  /** Set when the policies refuse. */
  readonly refusal: Answer | undefined;
}

function nothingMore(): Partial<RunInput> {
  return {};
}

const NO_CODES = { code: undefined, enhanced: '' };

function unheard(event: InboundEvent): StageRun {
  const said = { action: '', explanation: '', codes: NO_CODES, decidedBy: '', failure: undefined } as const;
  const left = { headers: undefined, recipients: undefined, signWith: [] };
  return { outcome: { event, step: 0, ...said, ...left }, refusal: undefined };
}

/**
 * What comes of events to which no policy listens. onConnect is not among them: the greeting that
 * the operator has set is filled in there.
 */
const UNHEARD: Readonly<Record<Exclude<InboundEvent, 'onConnect'>, StageRun>> = {
  onEhlo: unheard('onEhlo'),
  onMailFrom: unheard('onMailFrom'),
  onRcptTo: unheard('onRcptTo'),
  onHeadersReceived: unheard('onHeadersReceived'),
  onBodyChunk: unheard('onBodyChunk'),
  onDataReceived: unheard('onDataReceived'),
};

/**
 * Runs `event`; `more` makes what belongs to this event beside the values of the session, and is not
 * asked for an event that nobody hears.
 */
export function runStage(
  event: InboundEvent,
  session: Session,
  more: () => Partial<RunInput> = nothingMore,
): Soon<StageRun> {
  if (event !== 'onConnect' && !session.policies.hears(event)) return UNHEARD[event];
  const { values: own, headers, recipients, chunk, message } = more();
  const values = session.values();
  if (own) Object.assign(values, own);
  // One shape for all events: objects of many shapes cost more than the fields that stay empty.
  const ran = session.policies.run(event, { values, headers, recipients, chunk, message });
  return soon(ran, (outcome) => judged(event, outcome));
}

function judged(event: InboundEvent, outcome: Outcome): StageRun {
  const reply = replyFor(event, outcome);
  if (!reply) return { outcome, refusal: undefined };
  const reason = outcome.failure ? 'policy-failure' : `policy-${outcome.action}`;
  return {
    outcome,
    refusal: { reply, reason, decidedBy: outcome.decidedBy || 'internal', step: outcome.step },
  };
}

/**
 * Collects the steps of one session and hands them to the sink.
 *
 * A record is written as soon as there is something that somebody may ask about (a refusal, a
 * queued message) and at the end; in between steps wait in memory, at most MOST_STEPS of them.
 * Names are put to values when a record is written, so that an event nobody asks about costs
 * little. Body chunks that nobody objected to leave no step, or a long message would leave
 * thousands; nor does an event in which only internal policies looked, and found nothing.
 *
 * Callers: hooks/session-run. Never throws.
 */
import type { EngineError } from '../core/errors.js';
import type { HandlerRun, SlotValues } from './handler-run.js';
import type { MarkedHandler } from './loaded-policy.js';
import type { EngineNote, PolicyFailure, SessionInfo, SmtpAction, VariableValue } from './ports.js';
import type { HandlerEnd } from './run-handler.js';
import { defaultOf, type EventName, VARIABLE_NAMES, variableOf } from './table/index.js';
import { noTraces, type TraceCall, type TraceHandler, type TraceSink, type TraceStep } from './trace.js';

/** Steps kept in memory before they are written although nothing happened. */
const MOST_STEPS = 100;

const SECRET = '(secret)';

export interface TraceClock {
  now(): number;
  elapsed(): number;
}

/** A handler's part of a step, before names are put to its slots. */
export interface HandlerStep {
  readonly policy: string;
  readonly isInternal: boolean;
  readonly event: EventName;
  readonly ms: number;
  readonly reads: SlotValues;
  readonly writes: SlotValues;
  readonly calls: readonly TraceCall[];
  readonly edits: readonly string[];
  readonly verdict: string;
  readonly end: HandlerEnd;
}

export interface EventDecision {
  readonly action: SmtpAction;
  readonly decidedBy: string;
  readonly failure: PolicyFailure | undefined;
}

export interface TraceWriter {
  /** Whether anybody will read the handlers' parts; if not, they need not be made. */
  readonly keeps: boolean;
  /** Adds an event's step and returns its number; an event in which nobody did anything gets none of its own. */
  event(
    event: EventName,
    handlers: readonly HandlerStep[],
    decision: EventDecision,
    explanation: string,
  ): number;
  note(note: EngineNote): number;
  close(reason: string): void;
}

/** What a handler's run leaves for the trace. */
export function handlerStep(run: HandlerRun, end: HandlerEnd, ms: number, verdict: string): HandlerStep {
  const { policy, event, isInternal } = run.handler;
  return {
    policy: policy.name,
    isInternal,
    event,
    ms,
    reads: run.reads,
    writes: run.writes(),
    calls: run.calls,
    edits: run.edits,
    verdict,
    end,
  };
}

/** The part of a handler that was not run at all. */
export function skippedStep({ policy, event, isInternal }: MarkedHandler, error: EngineError): HandlerStep {
  return {
    policy: policy.name,
    isInternal,
    event,
    ms: 0,
    reads: [],
    writes: [],
    calls: [],
    edits: [],
    verdict: 'failed',
    end: { status: 'failed', error, at: undefined },
  };
}

function named(event: EventName, values: SlotValues): Record<string, VariableValue> {
  const record: Record<string, VariableValue> = {};
  for (let i = 0; i < values.length; i += 2) {
    const name = VARIABLE_NAMES[values[i] as number];
    if (name === undefined) continue;
    const value = values[i + 1] ?? defaultOf(event, name) ?? '';
    record[name] = variableOf(name)?.secret ? SECRET : value;
  }
  return record;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function written(step: HandlerStep): TraceHandler {
  const { policy, event, ms, calls, edits, verdict, end } = step;
  const failed = end.status === 'failed';
  return {
    policy,
    ms: rounded(ms),
    reads: named(event, step.reads),
    writes: failed ? {} : named(event, step.writes),
    calls: calls.map(({ method, args, result, ms: took }) => ({ method, args, result, ms: rounded(took) })),
    edits: failed ? [] : edits,
    verdict,
    ...(failed ? { failure: failureOf(end) } : {}),
  };
}

function failureOf({ error, at }: HandlerEnd & { status: 'failed' }): NonNullable<TraceHandler['failure']> {
  return { code: error.code, message: error.message, ...(at === undefined ? {} : { at }) };
}

function isQuiet(step: HandlerStep): boolean {
  return step.verdict === 'none' && step.calls.length === 0 && step.writes.length === 0;
}

function isOurs(step: HandlerStep): boolean {
  return step.isInternal && isQuiet(step);
}

/** An event's step before it is written. */
interface EventStep {
  readonly n: number;
  readonly at: number;
  readonly event: EventName;
  readonly handlers: readonly HandlerStep[];
  readonly action: SmtpAction;
  readonly explanation: string;
  readonly decidedBy: string;
  readonly failure: PolicyFailure | undefined;
}

type Waiting = EventStep | TraceStep;

// Property by property, here and below: a copy by spread with anything behind it takes a hundred times
// as long, and this runs for every message.
function finished(step: Waiting): TraceStep {
  if (!('failure' in step)) return step;
  const { n, at, event, action, explanation, decidedBy, failure } = step;
  const handlers = step.handlers.map(written);
  if (failure === undefined) return { n, at, event, handlers, action, explanation, decidedBy };
  const reason = 'policy-failure';
  return { n, at, event, handlers, action, explanation, decidedBy, reason, text: failure.message };
}

class SessionTrace implements TraceWriter {
  readonly keeps: boolean;
  readonly #info: SessionInfo;
  readonly #clock: TraceClock;
  readonly #sink: TraceSink;
  readonly #time: number;
  readonly #started: number;
  #waiting: Waiting[] = [];
  #count = 0;

  constructor(info: SessionInfo, clock: TraceClock, sink: TraceSink) {
    this.keeps = sink !== noTraces;
    this.#info = info;
    this.#clock = clock;
    this.#sink = sink;
    this.#time = clock.now();
    this.#started = clock.elapsed();
  }

  event(
    event: EventName,
    handlers: readonly HandlerStep[],
    { action, decidedBy, failure }: EventDecision,
    explanation: string,
  ): number {
    if (this.keeps && handlers.every(isOurs) && failure === undefined) return this.#count;
    if (event === 'onBodyChunk' && action === '' && handlers.every(isQuiet)) return this.#count;
    this.#count += 1;
    if (!this.keeps) return this.#count;
    const refused = action === 'reject' || action === 'tmpreject' || failure !== undefined;
    const step = { n: this.#count, at: this.#at(), event, handlers, action, explanation, decidedBy, failure };
    return this.#add(step, refused);
  }

  note({ at: event, reason, text, queueId, messageId }: EngineNote): number {
    this.#count += 1;
    if (!this.keeps) return this.#count;
    return this.#add({ n: this.#count, at: this.#at(), event, reason, text, queueId, messageId }, true);
  }

  close(reason: string): void {
    this.#flush(reason);
  }

  #at(): number {
    return rounded(this.#clock.elapsed() - this.#started);
  }

  #add(step: Waiting, worthAsking: boolean): number {
    this.#waiting.push(step);
    if (worthAsking || this.#waiting.length >= MOST_STEPS) this.#flush();
    return this.#count;
  }

  #flush(closed?: string): void {
    // The end is recorded once anything of the session is, so that a reader knows that it is whole.
    const isLast = closed !== undefined && this.keeps && this.#count > 0;
    if (this.#waiting.length === 0 && !isLast) return;
    const { id: session, listener, remoteIp } = this.#info;
    const steps = this.#waiting.map(finished);
    this.#waiting = [];
    this.#sink.write({ v: 1, session, time: this.#time, listener, remoteIp, steps, closed });
  }
}

export function createTraceWriter(info: SessionInfo, clock: TraceClock, sink: TraceSink): TraceWriter {
  return new SessionTrace(info, clock, sink);
}

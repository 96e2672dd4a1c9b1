/**
 * Collects the steps of one session and hands them to the sink.
 *
 * A record is written as soon as there is something that somebody may ask about (a refusal, a
 * queued message) and at the end; in between steps wait in memory, at most MOST_STEPS of them.
 * Names are put to values when a record is written, so that an event nobody asks about costs
 * little. Body chunks that nobody objected to leave no step, or a long message would leave
 * thousands.
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
  /** Adds an event's step and returns its number; an event nobody heard gets none of its own. */
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
  const { policy, event } = run.handler;
  return {
    policy: policy.name,
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
export function skippedStep({ policy, event }: MarkedHandler, error: EngineError): HandlerStep {
  return {
    policy: policy.name,
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
    calls: calls.map((call) => ({ ...call, ms: rounded(call.ms) })),
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

type Waiting = Omit<TraceStep, 'handlers'> & { readonly handlers?: readonly HandlerStep[] };

export function createTraceWriter(info: SessionInfo, clock: TraceClock, sink: TraceSink): TraceWriter {
  const time = clock.now();
  const started = clock.elapsed();
  let waiting: Waiting[] = [];
  let count = 0;
  const keeps = sink !== noTraces;

  const flush = (closed?: string): void => {
    // The end is recorded once anything of the session is, so that a reader knows that it is whole.
    const isLast = closed !== undefined && keeps && count > 0;
    if (waiting.length === 0 && !isLast) return;
    const steps = waiting.map(({ handlers, ...step }) =>
      handlers === undefined ? step : { ...step, handlers: handlers.map(written) },
    );
    const { id: session, listener, remoteIp } = info;
    sink.write({
      v: 1,
      session,
      time,
      listener,
      remoteIp,
      steps,
      ...(closed === undefined ? {} : { closed }),
    });
    waiting = [];
  };

  const add = (step: Omit<Waiting, 'n' | 'at'>, worthAsking: boolean): number => {
    count += 1;
    if (!keeps) return count;
    waiting.push({ n: count, at: rounded(clock.elapsed() - started), ...step });
    if (worthAsking || waiting.length >= MOST_STEPS) flush();
    return count;
  };

  return {
    keeps,
    event(event, handlers, { action, decidedBy, failure }, explanation) {
      if (keeps && handlers.length === 0 && failure === undefined) return count;
      if (event === 'onBodyChunk' && action === '' && handlers.every(isQuiet)) return count;
      const text = failure === undefined ? {} : { reason: 'policy-failure', text: failure.message };
      const refused = action === 'reject' || action === 'tmpreject' || failure !== undefined;
      return add({ event, handlers, action, explanation, decidedBy, ...text }, refused);
    },
    note(note) {
      const { at: event, ...rest } = note;
      return add({ event, ...rest }, true);
    },
    close(reason) {
      flush(reason);
    },
  };
}

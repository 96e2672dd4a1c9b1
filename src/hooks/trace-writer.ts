/**
 * Collects the steps of one session and hands them to the sink.
 *
 * A record is written as soon as there is something that somebody may ask about (a refusal, a
 * queued message) and at the end; in between steps wait in memory, at most MOST_STEPS of them.
 * Body chunks that nobody objected to leave no step, or a long message would leave thousands.
 *
 * Callers: hooks/session-run. Never throws.
 */
import type { EngineNote, PolicyFailure, SessionInfo, SmtpAction } from './ports.js';
import type { EventName } from './table/index.js';
import type { TraceHandler, TraceSink, TraceStep } from './trace.js';

/** Steps kept in memory before they are written although nothing happened. */
const MOST_STEPS = 100;

export interface TraceClock {
  now(): number;
  elapsed(): number;
}

export interface TraceWriter {
  event(
    event: EventName,
    handlers: readonly TraceHandler[],
    decision: { readonly action: SmtpAction; readonly decidedBy: string; readonly failure: PolicyFailure | undefined },
    explanation: string,
  ): number;
  note(note: EngineNote): number;
  close(reason: string): void;
}

function isQuiet(handler: TraceHandler): boolean {
  return handler.verdict === 'none' && handler.calls.length === 0 && Object.keys(handler.writes).length === 0;
}

export function createTraceWriter(info: SessionInfo, clock: TraceClock, sink: TraceSink): TraceWriter {
  const time = clock.now();
  const started = clock.elapsed();
  let steps: TraceStep[] = [];
  let count = 0;

  const at = (): number => Math.round((clock.elapsed() - started) * 1000) / 1000;

  const flush = (closed?: string): void => {
    if (steps.length === 0) return;
    const { id: session, listener, remoteIp } = info;
    sink.write({ v: 1, session, time, listener, remoteIp, steps, ...(closed === undefined ? {} : { closed }) });
    steps = [];
  };

  const add = (step: Omit<TraceStep, 'n' | 'at'>, worthAsking: boolean): number => {
    count += 1;
    steps.push({ n: count, at: at(), ...step });
    if (worthAsking || steps.length >= MOST_STEPS) flush();
    return count;
  };

  return {
    event(event, handlers, { action, decidedBy, failure }, explanation) {
      if (handlers.length === 0 && failure === undefined) return count;
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

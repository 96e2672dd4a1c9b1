/**
 * The policies' view of one connection: runs events in order and says what they came to.
 *
 * Handlers run strictly one after the other. The first that leaves smtpAction decided ends the
 * event. A failed one is recorded and its declared failure mode, or the operator's
 * onPolicyFailure, decides; `accept` there means: go on as if the policy were not loaded.
 *
 * Callers: runtime creates one per connection; engine and delivery call it. `run` never rejects.
 */
import { EngineError } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { type Soon, soon } from '../core/soon.js';
import type { EventScope } from './event-scope.js';
import { filledText } from './filled-text.js';
import { Findings } from './findings.js';
import { HandlerRun, type RunServices } from './handler-run.js';
import type {
  EngineNote,
  Outcome,
  PolicyFailure,
  PolicySession,
  RunInput,
  SessionInfo,
  SmtpAction,
  VariableValue,
} from './ports.js';
import { type BoundHandler, isAsleep, type PolicySet } from './policy-set.js';
import { PolicyStateStore } from './policy-states.js';
import { type HandlerEnd, type HandlerGuards, runHandler } from './run-handler.js';
import { splitCodes } from '../smtp/own-codes.js';
import { codesText, reportCodes } from './report-codes.js';
import { createSlots, type Layer, type Slots, slotOf } from './slots.js';
import { type EventName, type VariableName, variableOf } from './table/index.js';
import { type HandlerStep, handlerStep, skippedStep, type TraceWriter } from './trace-writer.js';
import type { FailureMode } from './types.js';

/** What all sessions share. */
export interface SessionDeps {
  readonly services: RunServices;
  readonly guards: HandlerGuards;
  readonly policyTimeoutMs: number;
  readonly onPolicyFailure: FailureMode;
  readonly disabled: (policy: string) => string | undefined;
  readonly facts: FactBus;
  readonly log: Logger;
}

const ACTION = slotOf('smtpAction');
const EXPLANATION = slotOf('smtpExplanation');
const GREETING = slotOf('smtpGreeting');
const WAIT = slotOf('waitProcessingTimeout');

const NO_TEXT = splitCodes('');
const NO_KEYS: Outcome['signWith'] = [];

interface Decision {
  action: SmtpAction;
  decidedBy: string;
  failure: PolicyFailure | undefined;
  /** Handlers that have ended well. */
  readonly done: HandlerRun[];
}

function isRefusal({ action }: Decision): boolean {
  return action === 'reject' || action === 'tmpreject';
}

/** What the handlers of one event share beside the decision. */
interface Course {
  readonly handlers: HandlerStep[];
  /** Monotonic time at which every handler must have ended. */
  readonly until: number;
  /** Index of the handler whose turn is next. */
  at: number;
}

export class SessionRun implements PolicySession {
  readonly id: string;
  readonly #deps: SessionDeps;
  readonly #set: PolicySet;
  readonly #trace: TraceWriter;
  readonly #slots: Slots;
  #closed = false;
  /** Of the handler that runs, if it asked for a signal. */
  #gone: AbortController | undefined;
  readonly #states: PolicyStateStore;
  readonly #findings = new Findings();

  constructor(info: SessionInfo, set: PolicySet, trace: TraceWriter, deps: SessionDeps) {
    this.id = info.id;
    this.#slots = createSlots(info.initial);
    this.#deps = deps;
    this.#set = set;
    this.#trace = trace;
    this.#states = new PolicyStateStore(info, deps.log);
  }

  hears(event: EventName): boolean {
    for (const { wakes } of this.#set.handlers[event]) if (wakes === undefined) return true;
    return false;
  }

  run(event: EventName, input: RunInput): Soon<Outcome> {
    if (event === 'onEhlo') this.#findings.beginHello();
    const layer = this.#slots.begin(event, input.values);
    const scope = this.#scopeOf(event, layer, input);
    const decision: Decision = { action: '', decidedBy: '', failure: undefined, done: [] };
    const handlers: HandlerStep[] = [];
    const until = this.#deadlineOf(event, layer);
    const ended = this.#handleAll(scope, decision, { handlers, until, at: 0 });
    return soon(ended, () => this.#conclude(scope, decision, handlers));
  }

  /** Runs the handlers one after the other until one has decided; waits only for those that wait. */
  #handleAll(scope: EventScope, decision: Decision, course: Course): undefined | Promise<void> {
    const handlers = this.#set.handlers[scope.event];
    while (course.at < handlers.length && decision.action === '') {
      const handler = handlers[course.at];
      course.at += 1;
      const isDue = handler && !isAsleep(handler, decision.done);
      const ended = isDue && this.#handle(handler, scope, decision, course);
      if (ended instanceof Promise) return ended.then(() => this.#handleAll(scope, decision, course));
    }
    return undefined;
  }

  #conclude(scope: EventScope, decision: Decision, handlers: HandlerStep[]): Outcome {
    const { event, layer } = scope;
    // A failure that did not decide stands in the trace only; one that did takes no policy's text.
    const failure = decision.failure?.policy === decision.decidedBy ? decision.failure : undefined;
    const written = failure === undefined ? String(layer[EXPLANATION] ?? '') : '';
    const { text, code, enhanced } = written === '' ? NO_TEXT : splitCodes(written);
    const codes = { code, enhanced };
    const explanation = filledText(text, scope, this.#deps.log);
    reportCodes(this.#deps.log, codes, decision, event);
    if (event === 'onConnect')
      layer[GREETING] = filledText(String(layer[GREETING] ?? ''), scope, this.#deps.log) || undefined;
    this.#gone = undefined;
    if (event === 'onEhlo' && isRefusal(decision)) this.#findings.undoHello();
    const step = this.#trace.event(event, handlers, decision, codesText(codes) + explanation);
    return Object.freeze({
      event,
      action: decision.action,
      explanation,
      codes,
      decidedBy: decision.decidedBy,
      failure,
      step,
      headers: scope.headers,
      recipients: scope.recipients,
      signWith: scope.signWith,
    });
  }

  value(name: VariableName): VariableValue | undefined {
    return this.#slots.get(name) ?? variableOf(name)?.default;
  }

  resetMessage(): void {
    this.#slots.endMessage();
    this.#states.endMessage();
    this.#findings.forget('message');
  }

  forgetHello(): void {
    this.resetMessage();
    this.#slots.forgetHello();
    this.#findings.forget('hello');
  }

  findings(): ReturnType<PolicySession['findings']> {
    return this.#findings.all();
  }

  note(note: EngineNote): number {
    return this.#trace.note(note);
  }

  messageState(): Readonly<Record<string, unknown>> {
    return this.#states.storable();
  }

  close(reason: string): void {
    this.#closed = true;
    this.#gone?.abort();
    this.#trace.close(reason);
  }

  #scopeOf(event: EventName, layer: Layer, input: RunInput): EventScope {
    return {
      event,
      layer,
      headers: input.headers,
      recipients: input.recipients,
      signWith: NO_KEYS,
      chunk: input.chunk,
      message: input.message,
      findings: this.#findings,
      filters: {},
      whenGone: this.#whenGone,
    };
  }

  /** waitProcessingTimeout bounds all handlers of onDataReceived together; unset and 0 bound nothing. */
  #deadlineOf(event: EventName, layer: Layer): number {
    const seconds = event === 'onDataReceived' ? Number(layer[WAIT] ?? 0) : 0;
    return seconds === 0 ? Number.POSITIVE_INFINITY : this.#deps.services.elapsed() + seconds * 1000;
  }

  readonly #whenGone = (controller: AbortController): void => {
    this.#gone = controller;
    if (this.#closed) controller.abort();
  };

  /** Runs one handler and puts what it came to into `decision`; a promise only when it has to wait. */
  #handle(
    handler: BoundHandler,
    scope: EventScope,
    decision: Decision,
    { handlers, until }: Course,
  ): undefined | Promise<void> {
    const { policy } = handler;
    const disabled = this.#deps.disabled(policy.name);
    if (disabled !== undefined) {
      const error = new EngineError('ERR_POLICY_DISABLED', {
        detail: { policy: policy.name, reason: disabled },
      });
      this.#fail(handler, decision, { policy: policy.name, code: error.code, message: error.message });
      if (this.#trace.keeps) handlers.push(skippedStep(handler, error));
      return undefined;
    }
    const run = new HandlerRun(scope, handler, this.#states, this.#deps.services);
    const started = this.#deps.services.elapsed();
    const ms = Math.min(handler.timeoutMs ?? this.#deps.policyTimeoutMs, until - started);
    const ended = runHandler(handler, run, this.#deps.guards, ms);
    const settle = (end: HandlerEnd): void => {
      this.#settle(handler, run, end, decision);
      const took = this.#deps.services.elapsed() - started;
      const verdict = end.status === 'failed' ? 'failed' : decision.action === '' ? 'none' : decision.action;
      if (this.#trace.keeps) handlers.push(handlerStep(run, end, took, verdict));
      this.#deps.facts.publish('policy.ran', {
        policy: policy.name,
        event: handler.event,
        ms: took,
        verdict,
      });
    };
    if (ended instanceof Promise) return ended.then(settle);
    settle(ended);
    return undefined;
  }

  #settle(handler: BoundHandler, run: HandlerRun, end: HandlerEnd, decision: Decision): void {
    const { policy, event } = handler;
    if (end.status === 'failed') {
      const { error, at } = end;
      const message = at === undefined ? error.message : `${error.message} (${at})`;
      this.#deps.facts.publish('policy.failed', {
        policy: policy.name,
        event,
        session: this.id,
        code: error.code,
        message,
      });
      this.#fail(handler, decision, { policy: policy.name, code: error.code, message });
      return;
    }
    decision.done.push(run);
    if (run.pending > 0) {
      this.#deps.log.warn('a policy left methods un-awaited; their results are lost', {
        policy: policy.name,
        event,
        pending: run.pending,
      });
    }
    const action = run.scope.layer[ACTION];
    if (typeof action !== 'string' || action === '') return;
    decision.action = action as SmtpAction;
    decision.decidedBy = policy.name;
  }

  #fail(handler: BoundHandler, decision: Decision, failure: PolicyFailure): void {
    decision.failure = failure;
    const mode = handler.policy.onFailure ?? this.#deps.onPolicyFailure;
    if (mode === 'accept') return;
    decision.action = mode;
    decision.decidedBy = handler.policy.name;
  }
}

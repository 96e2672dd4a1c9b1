/**
 * One handler at work on one event: what it reads, writes and calls.
 *
 * Writes go to the layer at once, so that the handler and its methods see them, and into an undo
 * log; `rollback` takes all of them back when the handler throws or runs past its deadline. After
 * `close` nothing lands any more: a handler that still runs cannot touch the next command.
 *
 * Callers: hooks/context (accessors), methods (through MethodCall), hooks/session-run.
 */
import type { SigningKey } from '../checks/signatures/signing-key.js';
import { EngineError, messageOf, PolicyVariableError } from '../core/errors.js';
import type { ParseOutcome } from '../message/mime/parsed-message.js';
import type { EventScope } from './event-scope.js';
import { RunCall } from './method-call.js';
import type { Method } from './methods/method.js';
import type { HeaderAccess, MessageAccess, VariableValue } from './ports.js';
import type { MarkedHandler } from './loaded-policy.js';
import { copyOf, lendParsing, type PolicyStates } from './policy-states.js';
import { accessOf, type EventName, type MethodName, type VariableName } from './table/index.js';
import type { TraceCall } from './trace.js';
import { recordable } from './trace-value.js';
import type { Watch } from './watchdog/watch.js';
import { writeValue } from './write-value.js';

/** Slots and values, one after the other; names are put to them only when a record is written. */
export type SlotValues = readonly (number | VariableValue | undefined)[];

/** What the runtime lends to every run. */
export interface RunServices {
  readonly elapsed: () => number;
  readonly method: (name: MethodName) => Method | undefined;
  readonly parse: (message: MessageAccess, signal: AbortSignal) => Promise<ParseOutcome>;
  readonly watch: Watch;
  /** `ignore` turns a refused write into one report. */
  readonly refusedWrite: (error: PolicyVariableError, policy: string, event: EventName) => void;
  /** Reports, once, that a policy reads what its event does not have. */
  readonly strangeRead: (error: PolicyVariableError, policy: string, event: EventName) => void;
}

const NOTHING: SlotValues = [];

/** A call that has not answered yet. */
interface OpenCall<T> {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly started: number;
  /** What the trace keeps of the answer. */
  readonly shown: (result: T) => unknown;
}

/** A message's text has no place in a trace. */
function parseSummary(outcome: ParseOutcome): unknown {
  if (outcome.status === 'unparsable') return outcome;
  const { subject, attachments } = outcome.message;
  return {
    status: 'parsed',
    subject,
    attachments: attachments.map(({ filename, contentType }) => ({ filename, contentType })),
  };
}

export class HandlerRun {
  readonly scope: EventScope;
  readonly handler: MarkedHandler;
  readonly states: PolicyStates;
  readonly services: RunServices;
  readonly calls: TraceCall[] = [];
  readonly edits: string[] = [];
  /** What the handler read, as it was at the first read. */
  readonly reads: (number | VariableValue | undefined)[] = [];
  /** Methods that were called and have not answered. */
  pending = 0;
  #closed = false;
  #seen0 = 0;
  #seen1 = 0;
  #seen2 = 0;
  readonly #undo: (number | VariableValue | undefined)[] = [];
  readonly #headersBefore: HeaderAccess | undefined;
  readonly #recipientsBefore: readonly string[] | undefined;
  readonly #signWithBefore: readonly SigningKey[];
  #sessionBefore: object | undefined;
  #messageBefore: object | undefined;
  #deadline: AbortController | undefined;

  constructor(scope: EventScope, handler: MarkedHandler, states: PolicyStates, services: RunServices) {
    this.scope = scope;
    this.handler = handler;
    this.states = states;
    this.services = services;
    this.#headersBefore = scope.headers;
    this.#recipientsBefore = scope.recipients;
    this.#signWithBefore = scope.signWith;
  }

  /** The value a handler sees at a slot; notes that it was read. */
  read(slot: number): VariableValue | undefined {
    const value = this.scope.layer[slot];
    if (this.#isFirstRead(slot)) this.reads.push(slot, value);
    return value;
  }

  /** A write by the policy: checked against the table, refused when the handler is over. */
  write(name: VariableName, value: unknown): void {
    this.mustBeOpen(name);
    try {
      this.input(name, value);
    } catch (error) {
      if (!(error instanceof PolicyVariableError)) throw error;
      this.services.refusedWrite(error, this.handler.policy.name, this.scope.event);
    }
  }

  /** The same for an argument of a method: a wrong one is misuse, also where refused writes are ignored. */
  input(name: VariableName, value: unknown): void {
    this.mustBeOpen(name);
    this.#requireWritable(name);
    writeValue(this, name, value);
  }

  /** Stores a value that needs no check, remembering the old one. */
  put(slot: number, value: VariableValue | undefined): void {
    this.#undo.push(slot, this.scope.layer[slot]);
    this.scope.layer[slot] = value;
  }

  /** Runs a documented method for the handler and notes the call. */
  invoke(name: MethodName, args: readonly unknown[]): unknown {
    this.mustBeOpen(name);
    const method = this.services.method(name);
    const call = new RunCall(this, name);
    if (!method) {
      throw new EngineError('ERR_POLICY_METHOD', {
        detail: { method: name, event: this.scope.event, reason: 'this engine was built without it' },
      });
    }
    const started = this.services.elapsed();
    const answer = method(call, args);
    if (!(answer instanceof Promise)) return answer;
    return this.#noted(
      { method: name, args: args.map(recordable), started, shown: recordable },
      answer as Promise<unknown>,
    );
  }

  /**
   * The policy's state of the message; in onDataReceived it can also have the message parsed. The
   * method is no enumerable property, so it does not travel with the state.
   */
  messageState(): object {
    const state = this.states.messageState(this.handler.policy);
    this.#messageBefore ??= copyOf(state);
    const { message } = this.scope;
    if (message) lendParsing(state, () => this.#parsed(message));
    return state;
  }

  #parsed(message: MessageAccess): Promise<ParseOutcome> {
    const method = 'message.parsed';
    this.mustBeOpen(method);
    const started = this.services.elapsed();
    const answer = this.services.parse(message, this.signal);
    return this.#noted({ method, args: [], started, shown: parseSummary }, answer);
  }

  /** Passes the answer of a question on and notes both in the trace, under a name that is no method's. */
  asking<T>(what: string, args: readonly unknown[], answer: Promise<T>): Promise<T> {
    const started = this.services.elapsed();
    return this.#noted({ method: what, args: args.map(recordable), started, shown: recordable }, answer);
  }

  /** Notes in the trace what was found without asking anybody. */
  found(what: string, args: readonly unknown[], result: unknown): void {
    this.calls.push({ method: what, args: args.map(recordable), result: recordable(result), ms: 0 });
  }

  /** Aborted when the client is gone or this handler's deadline has passed. */
  get signal(): AbortSignal {
    if (!this.#deadline) {
      this.#deadline = new AbortController();
      // What is left over of a handler that has ended must not take the place of one that runs.
      if (!this.#closed) this.scope.whenGone(this.#deadline);
    }
    if (this.#closed) this.#deadline.abort();
    return this.#deadline.signal;
  }

  /** The handler is over: later writes and calls are refused. */
  close(): void {
    this.#closed = true;
  }

  /** The policy's state of the connection. */
  sessionState(): object {
    const state = this.states.sessionState(this.handler.policy);
    this.#sessionBefore ??= copyOf(state);
    return state;
  }

  /** Takes back everything the handler did and ends it. */
  rollback(): void {
    // A handler that throws after its deadline has been rolled back already; the layer is others' by now.
    if (this.#closed) return;
    this.#closed = true;
    this.#deadline?.abort();
    for (let i = this.#undo.length - 2; i >= 0; i -= 2) {
      this.scope.layer[this.#undo[i] as number] = this.#undo[i + 1];
    }
    this.scope.headers = this.#headersBefore;
    this.scope.recipients = this.#recipientsBefore;
    this.scope.signWith = this.#signWithBefore;
    const { policy } = this.handler;
    if (this.#sessionBefore) this.states.restore('session', policy, this.#sessionBefore);
    if (this.#messageBefore) this.states.restore('message', policy, this.#messageBefore);
  }

  /** What the handler left changed, as it is now. */
  writes(): SlotValues {
    if (this.#undo.length === 0) return NOTHING;
    const left: (number | VariableValue | undefined)[] = [];
    for (let i = 0; i < this.#undo.length; i += 2) {
      const slot = this.#undo[i] as number;
      left.push(slot, this.scope.layer[slot]);
    }
    return left;
  }

  /** Whether the handler wrote one of these, by itself or through a method. */
  wrote(slots: readonly number[]): boolean {
    for (let i = 0; i < this.#undo.length; i += 2) if (slots.includes(this.#undo[i] as number)) return true;
    return false;
  }

  /** One bit per slot, in three words: a list would be searched at every read. */
  #isFirstRead(slot: number): boolean {
    const bit = 1 << (slot & 31);
    const word = slot >> 5;
    const seen = word === 0 ? this.#seen0 : word === 1 ? this.#seen1 : this.#seen2;
    if ((seen & bit) !== 0) return false;
    if (word === 0) this.#seen0 |= bit;
    else if (word === 1) this.#seen1 |= bit;
    else this.#seen2 |= bit;
    return true;
  }

  /** Throws once the handler is over: what it does then must not reach the next command. */
  mustBeOpen(name: string): void {
    if (!this.#closed) return;
    throw new PolicyVariableError('ERR_POLICY_CLOSED', { detail: { name, event: this.scope.event } });
  }

  #requireWritable(name: VariableName): void {
    const access = accessOf(this.scope.event, name);
    if (access !== undefined && access !== 'in') return;
    const code = access === 'in' ? 'ERR_POLICY_READ_ONLY' : 'ERR_POLICY_UNKNOWN_NAME';
    throw new PolicyVariableError(code, {
      detail: { variable: name, name, event: this.scope.event, suggestion: '' },
    });
  }

  /** Passes an answer on and notes the call, as `shown` puts it, in the trace. */
  #noted<T>(call: OpenCall<T>, answer: Promise<T>): Promise<T> {
    this.pending += 1;
    const noted = this.#awaited(call, answer);
    // A handler that forgets to await must not end the process; the failure stands in the trace.
    noted.catch(() => undefined);
    return noted;
  }

  async #awaited<T>({ method, args, started, shown }: OpenCall<T>, answer: Promise<T>): Promise<T> {
    const ms = (): number => this.services.elapsed() - started;
    try {
      const result = await answer;
      this.calls.push({ method, args, result: shown(result), ms: ms() });
      return result;
    } catch (error) {
      this.calls.push({ method, args, result: { error: messageOf(error) }, ms: ms() });
      throw error;
    } finally {
      this.pending -= 1;
      // The handler goes on right after this promise settles; a loop it then enters is its own.
      if (!this.#closed) this.services.watch.enter(this.handler.mark);
    }
  }
}

/**
 * One handler at work on one event: what it reads, writes and calls.
 *
 * Writes go to the layer at once, so that the handler and its methods see them, and into an undo
 * log; `rollback` takes all of them back when the handler throws or runs past its deadline. After
 * `close` nothing lands any more: a handler that still runs cannot touch the next command.
 *
 * Callers: hooks/context (accessors), methods (through MethodCall), hooks/session-run.
 */
import { EngineError, messageOf, PolicyVariableError } from '../core/errors.js';
import { checkValue } from './check-value.js';
import type { Method, MethodCall } from './methods/method.js';
import type { HeaderAccess, HeaderEdit, VariableValue } from './ports.js';
import type { Watch } from './watchdog/watch.js';
import { slotOf, type Layer } from './slots.js';
import { accessOf, defaultOf, type EventName, type MethodName, VARIABLE_NAMES, type VariableName, variableOf } from './table/index.js';
import type { TraceCall } from './trace.js';
import type { FilterSlot, PolicyLog } from './types.js';

/** What lasts longer than one handler and is the same for all handlers of the event. */
export interface EventScope {
  readonly event: EventName;
  readonly layer: Layer;
  headers: HeaderAccess | undefined;
  recipients: readonly string[] | undefined;
  readonly chunk: Buffer | undefined;
  readonly filters: Readonly<Partial<Record<string, FilterSlot>>>;
  /** Aborted when the client is gone; handlers get one that also knows their deadline. */
  readonly gone: () => AbortSignal;
}

/** What belongs to the policy whose handler runs. */
export interface PolicyScope {
  readonly policy: string;
  /** Number of the handler, for the watchdog. */
  readonly mark: number;
  readonly session: object;
  readonly message: () => object;
  readonly log: PolicyLog;
}

/** What the runtime lends to every run. */
export interface RunServices {
  readonly elapsed: () => number;
  readonly method: (name: MethodName) => Method | undefined;
  readonly watch: Watch;
  /** `ignore` turns a refused write into one report. */
  readonly refusedWrite: (error: PolicyVariableError, policy: string, event: EventName) => void;
}

const SECRET = '(secret)';

export class HandlerRun {
  readonly scope: EventScope;
  readonly policy: PolicyScope;
  readonly services: RunServices;
  readonly calls: TraceCall[] = [];
  readonly edits: string[] = [];
  /** Methods that were called and have not answered. */
  pending = 0;
  #closed = false;
  #touched = [0, 0, 0, 0];
  #undo: (number | VariableValue | undefined)[] = [];
  readonly #headersBefore: HeaderAccess | undefined;
  readonly #recipientsBefore: readonly string[] | undefined;
  #deadline: AbortController | undefined;

  constructor(scope: EventScope, policy: PolicyScope, services: RunServices) {
    this.scope = scope;
    this.policy = policy;
    this.services = services;
    this.#headersBefore = scope.headers;
    this.#recipientsBefore = scope.recipients;
  }

  /** The value a handler sees at a slot; notes that it was read. */
  read(slot: number): VariableValue | undefined {
    const word = slot >> 5;
    this.#touched[word] = (this.#touched[word] ?? 0) | (1 << (slot & 31));
    return this.scope.layer[slot];
  }

  /** A write by the policy: checked against the table, refused when the handler is over. */
  write(name: VariableName, value: unknown): void {
    this.#mustBeOpen(name);
    try {
      this.#requireWritable(name);
      this.put(slotOf(name), checkValue(name, value));
    } catch (error) {
      if (!(error instanceof PolicyVariableError)) throw error;
      this.services.refusedWrite(error, this.policy.policy, this.scope.event);
    }
  }

  /** Stores a value that needs no check, remembering the old one. */
  put(slot: number, value: VariableValue | undefined): void {
    this.#undo.push(slot, this.scope.layer[slot]);
    this.scope.layer[slot] = value;
  }

  /** Runs a documented method for the handler and notes the call. */
  invoke(name: MethodName, args: readonly unknown[]): unknown {
    this.#mustBeOpen(name);
    const method = this.services.method(name);
    const call = this.#callOf(name);
    if (!method) {
      throw new EngineError('ERR_POLICY_METHOD', {
        detail: { method: name, event: this.scope.event, reason: 'this engine was built without it' },
      });
    }
    const started = this.services.elapsed();
    const answer = method(call, args);
    if (!(answer instanceof Promise)) return answer;
    this.pending += 1;
    const noted = this.#noted(name, args, started, answer);
    // A handler that forgets to await must not end the process; the failure stands in the trace.
    noted.catch(() => undefined);
    return noted;
  }

  /** Aborted when the client is gone or this handler's deadline has passed. */
  get signal(): AbortSignal {
    this.#deadline ??= new AbortController();
    if (this.#closed) this.#deadline.abort();
    return AbortSignal.any([this.scope.gone(), this.#deadline.signal]);
  }

  /** The handler is over: later writes and calls are refused. */
  close(): void {
    this.#closed = true;
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
  }

  /** Values that the handler read, as they were before it wrote them. */
  reads(): Record<string, VariableValue> {
    const seen: Record<string, VariableValue> = {};
    for (let slot = 0; slot < VARIABLE_NAMES.length; slot += 1) {
      if (((this.#touched[slot >> 5] ?? 0) & (1 << (slot & 31))) === 0) continue;
      const undone = this.#undo.findIndex((entry, i) => i % 2 === 0 && entry === slot);
      const value = undone < 0 ? this.scope.layer[slot] : (this.#undo[undone + 1] as VariableValue | undefined);
      const name = VARIABLE_NAMES[slot] as VariableName;
      seen[name] = shown(name, value ?? defaultOf(this.scope.event, name) ?? '');
    }
    return seen;
  }

  /** Values that the handler left changed. */
  writes(): Record<string, VariableValue> {
    const left: Record<string, VariableValue> = {};
    for (let i = 0; i < this.#undo.length; i += 2) {
      const slot = this.#undo[i] as number;
      const name = VARIABLE_NAMES[slot] as VariableName;
      left[name] = shown(name, this.scope.layer[slot] ?? '');
    }
    return left;
  }

  #mustBeOpen(name: string): void {
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

  async #noted(method: string, args: readonly unknown[], started: number, answer: Promise<unknown>): Promise<unknown> {
    const ms = (): number => this.services.elapsed() - started;
    try {
      const result = await answer;
      this.calls.push({ method, args, result, ms: ms() });
      return result;
    } catch (error) {
      this.calls.push({ method, args, result: { error: messageOf(error) }, ms: ms() });
      throw error;
    } finally {
      this.pending -= 1;
      // The handler goes on right after this promise settles; a loop it then enters is its own.
      this.services.watch.enter(this.policy.mark);
    }
  }

  #callOf(method: MethodName): MethodCall {
    // A closure, not a class: methods must not reach the run's own fields.
    const run = this;
    const { scope } = this;
    return {
      event: scope.event,
      method,
      get signal() {
        return run.signal;
      },
      read: (name) => run.read(slotOf(name)) ?? defaultOf(scope.event, name) ?? variableOf(name)?.default,
      input: (name, value) => {
        run.write(name, value);
      },
      fill: (name, value) => {
        run.#mustBeOpen(method);
        run.put(slotOf(name), value);
      },
      get headers() {
        return scope.headers;
      },
      editHeaders: (edit) => {
        run.#mustBeOpen(method);
        scope.headers = scope.headers?.apply(edit);
        run.edits.push(editText(edit));
      },
      get recipients() {
        return scope.recipients ?? [];
      },
      replaceRecipients: (recipients, note) => {
        run.#mustBeOpen(method);
        scope.recipients = recipients;
        run.edits.push(note);
      },
    };
  }
}

function shown(name: VariableName, value: VariableValue): VariableValue {
  return variableOf(name)?.secret ? SECRET : value;
}

function editText(edit: HeaderEdit): string {
  return 'value' in edit ? `${edit.kind} ${edit.name}: ${edit.value}` : `${edit.kind} ${edit.name}`;
}

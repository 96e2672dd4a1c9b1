/**
 * What a method may do to the handler's run, and nothing more.
 *
 * Implementations of the documented methods get this object instead of the run, so that a check
 * cannot close, roll back or trace anything by itself.
 *
 * Callers: hooks/handler-run makes one per call.
 */
import type { SigningKey } from '../checks/signatures/signing-key.js';
import type { EventScope } from './event-scope.js';
import type { FindingKind } from './findings.js';
import type { AuthResult } from '../message/authentication-results.js';
import type { MethodCall } from './methods/method.js';
import type { HeaderAccess, HeaderEdit, MessageAccess, VariableValue } from './ports.js';
import { slotOf } from './slots.js';
import { defaultOf, type EventName, type MethodName, type VariableName, variableOf } from './table/index.js';

/** The run as a call needs it. */
export interface RunAccess {
  readonly scope: EventScope;
  readonly edits: string[];
  readonly signal: AbortSignal;
  read(slot: number): VariableValue | undefined;
  input(name: VariableName, value: unknown): void;
  put(slot: number, value: VariableValue | undefined): void;
  mustBeOpen(name: string): void;
}

export class RunCall implements MethodCall {
  readonly event: EventName;
  readonly method: MethodName;
  readonly #run: RunAccess;

  constructor(run: RunAccess, method: MethodName) {
    this.#run = run;
    this.method = method;
    this.event = run.scope.event;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  found(kind: FindingKind): readonly AuthResult[] {
    return this.#run.scope.findings.get(kind);
  }

  putFinding(kind: FindingKind, results: readonly AuthResult[]): void {
    // What comes when its handler is over belongs to no message any more, least of all to the next.
    this.#run.mustBeOpen(this.method);
    this.#run.scope.findings.put(kind, results);
  }

  get message(): MessageAccess | undefined {
    return this.#run.scope.message;
  }

  get headers(): HeaderAccess | undefined {
    return this.#run.scope.headers;
  }

  get recipients(): readonly string[] {
    return this.#run.scope.recipients ?? [];
  }

  read(name: VariableName): VariableValue | undefined {
    return this.#run.read(slotOf(name)) ?? defaultOf(this.event, name) ?? variableOf(name)?.default;
  }

  input(name: VariableName, value: unknown): void {
    this.#run.input(name, value);
  }

  fill(name: VariableName, value: VariableValue): void {
    this.#run.mustBeOpen(this.method);
    this.#run.put(slotOf(name), value);
  }

  editHeaders(edit: HeaderEdit): void {
    this.#run.mustBeOpen(this.method);
    const { scope, edits } = this.#run;
    scope.headers = scope.headers?.apply(edit);
    edits.push(editText(edit));
  }

  replaceRecipients(recipients: readonly string[], note: string): void {
    this.#run.mustBeOpen(this.method);
    this.#run.scope.recipients = recipients;
    this.#run.edits.push(note);
  }

  signWith(keys: readonly SigningKey[]): void {
    this.#run.mustBeOpen(this.method);
    const { scope, edits } = this.#run;
    scope.signWith = [...scope.signWith, ...keys];
    for (const { domain, selector } of keys) edits.push(`sign for ${kept(domain)} with ${kept(selector)}`);
  }
}

/** Characters of a name or value that a trace keeps. */
const KEPT = 200;

function kept(text: string): string {
  return text.length > KEPT ? `${text.slice(0, KEPT)}…` : text;
}

function editText(edit: HeaderEdit): string {
  const named = `${edit.kind} ${kept(edit.name)}`;
  return 'value' in edit ? `${named}: ${kept(edit.value)}` : named;
}

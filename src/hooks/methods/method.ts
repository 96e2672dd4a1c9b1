/**
 * What an implementation of a documented method sees and answers.
 *
 * Callers: the files of this folder implement `Method`; `hooks/handler-run` calls them. A method
 * throws PolicyMethodError for misuse only; what the network does comes back as a value. What it
 * fills is undone with everything else when its handler fails.
 */
import type { SigningKey } from '../../checks/signatures/signing-key.js';
import { PolicyMethodError } from '../../core/errors.js';
import type { AuthResult } from '../../message/authentication-results.js';
import type { FindingKind } from '../findings.js';
import type { HeaderAccess, HeaderEdit, MessageAccess, VariableValue } from '../ports.js';
import type { EventName, MethodName, VariableName } from '../table/index.js';

export interface MethodCall {
  readonly event: EventName;
  readonly method: MethodName;
  readonly signal: AbortSignal;
  /** The value in force, or its default; undefined when unknown. */
  read(name: VariableName): VariableValue | undefined;
  /** Sets an input that came as an argument, with the same checks as a write by the policy. */
  input(name: VariableName, value: unknown): void;
  /** Sets an output; the policy's access rules do not apply. */
  fill(name: VariableName, value: VariableValue): void;
  /** What checks have found of this kind, for this connection, greeting or message. */
  found(kind: FindingKind): readonly AuthResult[];
  /** Keeps what a check found; throws when the handler is over. */
  putFinding(kind: FindingKind, results: readonly AuthResult[]): void;
  /** The whole message, in onDataReceived. */
  readonly message: MessageAccess | undefined;
  readonly headers: HeaderAccess | undefined;
  editHeaders(edit: HeaderEdit): void;
  readonly recipients: readonly string[];
  replaceRecipients(recipients: readonly string[], note: string): void;
  /** The message is to be signed with these too when it is stored. */
  signWith(keys: readonly SigningKey[]): void;
}

/** Synchronous for edits, a promise for checks. */
export type Method = (call: MethodCall, args: readonly unknown[]) => unknown;

export type MethodMap = Readonly<Partial<Record<MethodName, Method>>>;

/** Misuse of a method by the policy: the handler fails with a text that names both. */
export function misuse(call: MethodCall, reason: string): PolicyMethodError {
  return new PolicyMethodError('ERR_POLICY_METHOD', {
    detail: { method: call.method, event: call.event, reason },
  });
}

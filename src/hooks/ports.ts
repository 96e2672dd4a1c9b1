/**
 * What a stage lends to the policy runtime, and what the runtime gives back to it.
 *
 * The engine and the delivery know policies through these types only: they open a PolicySession
 * per connection, run events on it, and read an Outcome. They never see a context, and the
 * runtime never sees a socket.
 *
 * Callers: engine/stages, delivery/events, app. Nothing here rejects for what a policy did: a
 * failed handler is an Outcome.
 */
import type { Soon } from '../core/soon.js';
import type { SigningKey } from '../checks/signatures/signing-key.js';
import type { Verified } from '../checks/signatures/verified.js';
import type { AuthResult } from '../message/authentication-results.js';
import type { MessageBody } from '../message/body.js';
import type { HeaderEdit } from '../message/header-edits.js';
import type { OwnCodes } from '../smtp/own-codes.js';
import type { EventName, VariableName } from './table/index.js';

export type VariableValue = string | number;

/** Values by documented name; a name that is absent is not known yet. */
export type VariableValues = Readonly<Partial<Record<VariableName, VariableValue | undefined>>>;

/** One staged change of the header block, applied in order. */
export type { HeaderEdit };

/** An immutable header block; `message/header-block` implements it. */
export interface HeaderAccess {
  /** Unfolded value of the first field of that name, in any letter case. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  /** Name and unfolded value of every field, in order. */
  entries(): readonly (readonly [name: string, value: string])[];
  /** A block with the edit applied; the receiver stays as it is. Rejects nothing: names and values were checked. */
  apply(edit: HeaderEdit): HeaderAccess;
}

/** The whole message, for a policy that asks for more than its header. */
export interface MessageAccess {
  /** The header block with the edits made so far, octets as they would be stored. */
  header(): Buffer;
  /** The body; rejects with QueueError when it could not be kept. */
  body(): Promise<MessageBody>;
  /** The reverse-path as the client gave it, whatever policies made of it; empty for the null sender. */
  readonly sender: string;
  /** What its signatures come to, found once; never rejects. */
  verify(): Promise<Verified>;
}

/** What the runtime is told for one event. */
export interface RunInput {
  /** IN values that are known now; they replace what earlier events left. */
  readonly values: VariableValues;
  /** From onHeadersReceived on. */
  readonly headers?: HeaderAccess | undefined;
  /** Envelope recipients accepted so far, from onRcptTo on. */
  readonly recipients?: readonly string[] | undefined;
  /** The piece of body of onBodyChunk; handlers must not keep it. */
  readonly chunk?: Buffer | undefined;
  /** In onDataReceived. */
  readonly message?: MessageAccess | undefined;
}

/** The documented words, or empty when nobody decided and the internal policy let it pass. */
export type SmtpAction = '' | 'accept' | 'reject' | 'tmpreject' | 'discard';

export interface PolicyFailure {
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** What one event came to. Frozen. */
export interface Outcome {
  readonly event: EventName;
  readonly action: SmtpAction;
  /** smtpExplanation without its codes and with its variables filled in; empty means the built-in text. */
  readonly explanation: string;
  /** The codes with which the policy's text began, before variables were filled in. */
  readonly codes: OwnCodes;
  /** Name of the policy that decided; empty when none did. */
  readonly decidedBy: string;
  /** Set when a handler failed and the operator's onPolicyFailure decided. */
  readonly failure: PolicyFailure | undefined;
  /** Number of this step in the session's trace; a refusing reply quotes it. */
  readonly step: number;
  /** The header block after the edits of the handlers; as given when there were none. */
  readonly headers: HeaderAccess | undefined;
  /** The recipients after addRcpt and discardRcpt; as given when there were none. */
  readonly recipients: readonly string[] | undefined;
  /** Keys with which the message is to be signed when it is stored; none for most. */
  readonly signWith: readonly SigningKey[];
}

/** A refusal or decision that the engine took itself, for the trace. */
export interface EngineNote {
  /** The command or moment, e.g. `RCPT` or `end-of-data`. */
  readonly at: string;
  /** Stable kebab reason, e.g. `relay-denied`, `size-limit`, `bad-sequence`, `queued`. */
  readonly reason: string;
  /** Reply code and text as sent, or what happened. */
  readonly text: string;
  readonly queueId?: string;
  readonly messageId?: string;
}

/** The policies' view of one connection. Events of a session run strictly one after the other. */
export interface PolicySession {
  readonly id: string;
  /** Whether any policy listens to the event; stages skip work for events that nobody hears. */
  hears(event: EventName): boolean;
  run(event: EventName, input: RunInput): Soon<Outcome>;
  /** The value in force now: what policies set for this message, else for the session, else the default. */
  value(name: VariableName): VariableValue | undefined;
  /** Forgets everything that belongs to the message: RSET, a new EHLO, the end of a transaction. */
  resetMessage(): void;
  /** Forgets everything that was set since onConnect: what a client said in clear counts no more. */
  forgetHello(): void;
  /** What the checks have found that holds for the message under way, for Authentication-Results. */
  findings(): readonly AuthResult[];
  /** Records a decision of the engine; the number goes into the reply. */
  note(note: EngineNote): number;
  /**
   * Typed message state of the policies, copied as it travels in the queue record. Throws
   * PolicyVariableError, which names the policy, for a state that is no JSON.
   */
  messageState(): Readonly<Record<string, unknown>>;
  /** The client is gone or the session ended: aborts pending handlers and flushes the trace. */
  close(reason: string): void;
}

export interface SessionInfo {
  readonly id: string;
  readonly listener: string;
  readonly remoteIp: string;
  /** What the operator's settings give variables before any policy runs, e.g. maxDataSize. */
  readonly initial?: VariableValues;
  /** Whether the client's own reputation is no matter: it is in a trusted network, or hands over by LMTP. */
  readonly isVouchedFor: boolean;
}

export interface PolicyRuntime {
  /** Pins the set of policies that is in force now for the whole connection. */
  openSession(info: SessionInfo): PolicySession;
}

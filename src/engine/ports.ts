/**
 * What the inbound engine asks of the rest of the program.
 *
 * The engine declares these ports and `app` connects them: the policy runtime to hooks, the
 * intake to the queue. Tests connect small doubles.
 *
 * Callers: engine/engine and, through the session, the stages.
 */
import type { TLSSocketOptions } from 'node:tls';
import type { Authenticator } from '../auth/authenticator.js';
import type { MessageSignatures } from '../checks/signatures/message-signatures.js';
import type { KeyRing } from '../checks/signatures/signing-key.js';
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { Soon } from '../core/soon.js';
import type { PolicyRuntime } from '../hooks/ports.js';
import type { MessageBody } from '../message/body.js';
import type { HeaderBlock } from '../message/header-block.js';
import type { QueueEntry } from '../queue/entry.js';

/** Takes the body of one message while it arrives. `finish` or `abort` ends it. */
export interface BodySink {
  /**
   * Takes the next octets, which belong to the sink from now on. A promise asks the engine to
   * read no more from the client until it is settled; it rejects with QueueError.
   */
  write(octets: Buffer): void | Promise<void>;
  /** The body is complete. Rejects with QueueError. */
  finish(): Promise<MessageBody>;
  /** Forgets the body and whatever was stored of it; also after `finish`, never once `accept` was called. */
  abort(): void | Promise<void>;
}

/** Where accepted messages go. */
export interface Intake {
  beginBody(queueId: string): BodySink;
  /**
   * Takes responsibility for a message. Resolves when the entry and its body are on disk, so that
   * 250 may be said; rejects with QueueError when they are not, and the client keeps the message.
   * Either way the body is the intake's from the call on.
   */
  accept(entry: QueueEntry): Promise<void>;
}

/** Keys of our domains, and when they sign by themselves. */
export interface SigningPort {
  /** The keys in force; asked anew for each message. */
  readonly keys: () => KeyRing;
  /** Whether messages of users and trusted networks are signed without any policy. */
  readonly signsSubmitted: boolean;
  /** Milliseconds for which a signature holds; 0 for as long as its key does. */
  readonly lifetimeMs: number;
}

/** The certificates of all listeners; `listener/tls-contexts` implements it. */
export interface TlsPort {
  /** What a new TLS socket needs for the server's side; asked anew for each. */
  options(): TLSSocketOptions;
}

/** What every session works with. */
export interface EngineDeps {
  readonly policies: PolicyRuntime;
  readonly intake: Intake;
  /** Reads the signatures of a message when its header is there; never rejects. */
  readonly signatures: (header: HeaderBlock) => Soon<MessageSignatures>;
  /** Without one no message is signed. */
  readonly signing?: SigningPort | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly facts: FactBus;
  /** Without one no listener has TLS, whatever its settings say. */
  readonly tls?: TlsPort | undefined;
  /** Without one nobody can log in, whatever the listener's settings say. */
  readonly authenticator?: Authenticator | undefined;
  /** A new session id at each call; see core/ids. */
  readonly sessionIds: () => string;
}

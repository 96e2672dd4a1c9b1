/**
 * One message on its way in: what has been seen of it, and what was decided about it.
 *
 * The first refusal stands. From then on nothing is stored and no policy is asked; the rest of the
 * message is only read to its end, where the refusal is answered.
 *
 * Callers: engine/stages/{data,headers,body,end-of-data}.
 */
import type { BodyHash } from '../../checks/signatures/body-hash.js';
import type { MessageSignatures } from '../../checks/signatures/message-signatures.js';
import type { SigningKey } from '../../checks/signatures/signing-key.js';
import { InvariantError, messageOf } from '../../core/errors.js';
import { Gathered } from '../../message/gathered.js';
import type { HeaderBlock } from '../../message/header-block.js';
import type { MessageBody } from '../../message/body.js';
import type { BodySink } from '../ports.js';
import type { Answer } from '../stages/answer.js';
import type { Session } from './session.js';
import type { Transaction } from './transaction.js';

export class Incoming {
  readonly session: Session;
  readonly transaction: Transaction;
  /** Octets of content, dots unstuffed, as they came. */
  size = 0;
  /** Set when the header is complete, with the edits of the policies. */
  header: HeaderBlock | undefined;
  /** What is signed of the message; hears of the body as it arrives. Absent where no policy could ask. */
  signatures: MessageSignatures | undefined;
  /** Keys that policies have asked for; the message is signed with them when it is stored. */
  signWith: readonly SigningKey[] = [];
  /** Hash of the body for a signature of ours; absent where none was likely when the header came. */
  bodyHash: BodyHash | undefined;
  sink: BodySink | undefined;
  /** Small pieces of body on their way to policies and sink. */
  readonly gathered: Gathered = new Gathered();
  #body: Promise<MessageBody> | undefined;
  #refusal: Answer | undefined;
  #discardedBy: string | undefined;

  constructor(session: Session, transaction: Transaction) {
    this.session = session;
    this.transaction = transaction;
    this.#discardedBy = transaction.discardedBy;
  }

  get refusal(): Answer | undefined {
    return this.#refusal;
  }

  get discardedBy(): string | undefined {
    return this.#discardedBy;
  }

  /** Whether the message can still be accepted. */
  get isOpen(): boolean {
    return this.#refusal === undefined && this.#discardedBy === undefined;
  }

  /**
   * The body as the queue keeps it, finished once however often it is asked for. A handler that
   * asks when the message is over gets an error and begins nothing.
   */
  finishBody(): Promise<MessageBody> {
    if (!this.#body && !this.isOpen) {
      const detail = { reason: 'the body was asked for after the message was over' };
      return Promise.reject(new InvariantError('ERR_INVARIANT', { detail }));
    }
    const { intake } = this.session.deps;
    this.sink ??= intake.beginBody(this.transaction.queueId);
    this.#body ??= this.sink.finish();
    return this.#body;
  }

  refuse(answer: Answer): void {
    if (!this.isOpen) return;
    this.#refusal = answer;
    this.forget();
  }

  discard(decidedBy: string): void {
    if (!this.isOpen) return;
    this.#discardedBy = decidedBy;
    this.forget();
  }

  /** Gives back what the body takes in memory or on disk; one that is being finished, when it is. */
  forget(): void {
    const sink = this.sink;
    this.sink = undefined;
    if (!sink) return;
    const abort = (): void | Promise<void> => sink.abort();
    const settled = this.#body?.then(abort, abort) ?? abort();
    // A body in memory is gone at once.
    if (!(settled instanceof Promise)) return;
    settled.catch((error: unknown) => {
      const { log } = this.session.deps;
      log.warn('a body could not be forgotten', { session: this.session.id, error: messageOf(error) });
    });
  }
}

/**
 * The message that is under way, by DATA or by BDAT, and how long it may still take.
 *
 * One message at a time. It has until `dataTimeoutMs` in all, may never be silent for longer than
 * `idleTimeoutMs`, and after a while must come at `minDataRate` on average; the time in which we
 * held the client back does not count against it.
 *
 * Callers: conversation.ts. A message that is dropped before its end leaves nothing behind.
 */
import { type Soon, soon } from '../../core/soon.js';
import { failTransfer } from '../../smtp/bdat.js';
import { reply } from '../../smtp/reply.js';
import type { Step } from '../listener/input-reader.js';
import { type Answer, ok, refuse } from '../stages/answer.js';
import { type Chunk, planChunk } from '../stages/bdat.js';
import { MessageReceiver } from '../stages/data.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Deadline } from './deadline.js';
import type { Session } from './session.js';
import type { Transaction } from './transaction.js';

/** From here on the average rate of a message is looked at. */
const RATE_GRACE_MS = 30_000;

export class Transfer {
  readonly #session: Session;
  readonly #deadline: Deadline;
  readonly #onMessage: (answer: Answer) => void;
  #receiver: MessageReceiver | undefined;
  #transaction: Transaction | undefined;
  #chunk: Chunk | undefined;
  /** What a chunk of this message was refused with. */
  #refusal: Answer | undefined;
  #beganAt = 0;
  #heldMs = 0;
  #octets = 0;

  /** `onMessage` hears the answer to each whole message, as long as the client is there. */
  constructor(session: Session, deadline: Deadline, onMessage: (answer: Answer) => void) {
    this.#session = session;
    this.#deadline = deadline;
    this.#onMessage = onMessage;
  }

  /** DATA was answered 354. */
  beginMessage(transaction: Transaction): void {
    this.#begin(transaction, false);
  }

  /** A chunk follows, the first one of a message or another; or what is answered instead. */
  beginChunk(argument: string): Chunk | Answer {
    const plan = planChunk(this.#session, argument, this.#refusal);
    if (plan.status === 'answer') return plan.answer;
    // What came with the command would be taken before any timer had its turn.
    if (this.limit(1) <= 0) return refuse(REPLIES.timeout, 'timeout');
    const { chunk } = plan;
    const { transaction } = this.#session;
    this.#chunk = chunk;
    if (chunk.isStray || this.#transaction !== transaction) this.#restartTime();
    if (chunk.inVain === undefined && transaction && !this.#receiver) this.#begin(transaction, true);
    return chunk;
  }

  #begin(transaction: Transaction, isChunked: boolean): void {
    this.#transaction = transaction;
    this.#receiver = new MessageReceiver(this.#session, transaction, isChunked);
    this.#refusal = undefined;
    this.#restartTime();
  }

  #restartTime(): void {
    this.#beganAt = this.#session.deps.clock.elapsed();
    this.#heldMs = 0;
    this.#octets = 0;
  }

  /** Takes the next octets; a promise holds the client back until it is settled. */
  take(piece: Buffer): Step {
    this.#octets += piece.length;
    const taken = this.#chunk?.inVain ? undefined : this.#receiver?.feed(piece);
    if (!taken) {
      this.awaitMore();
      return undefined;
    }
    const { clock } = this.#session.deps;
    const since = clock.elapsed();
    this.#deadline.clear();
    return taken.then(() => {
      this.#heldMs += clock.elapsed() - since;
      this.awaitMore();
    });
  }

  /** From now on the client is waited for; nobody waits for more of a message that was dropped. */
  awaitMore(): void {
    const { idleTimeoutMs } = this.#session.listener;
    if (this.#isUnderWay) this.#deadline.set(this.limit(idleTimeoutMs));
  }

  /** Also between chunks, and while the rest of a refused message is awaited. */
  get #isUnderWay(): boolean {
    return this.#transaction !== undefined || this.#chunk !== undefined;
  }

  /** Milliseconds that the client has for what comes next, of those that it would have otherwise. */
  limit(ms: number): number {
    return this.#isUnderWay ? Math.max(0, Math.min(ms, this.#leftMs())) : ms;
  }

  /** Set when more came behind a refusal than anybody should be made to read. */
  get overdrawn(): Answer | undefined {
    const receiver = this.#receiver;
    return receiver?.isOverdrawn ? (receiver.refusal ?? refuse(REPLIES.tooBig, 'size-limit')) : undefined;
  }

  /** Milliseconds that are left of the time for the whole message. */
  #leftMs(): number {
    const { dataTimeoutMs, minDataRate } = this.#session.listener;
    const spent = this.#session.deps.clock.elapsed() - this.#beganAt - this.#heldMs;
    if (minDataRate === 0) return dataTimeoutMs - spent;
    const byRate = Math.max(RATE_GRACE_MS, (this.#octets / minDataRate) * 1000);
    return Math.min(dataTimeoutMs, byRate) - spent;
  }

  /** The message of DATA is over, or the chunk is. */
  end(): Soon<Answer> {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (!chunk) return this.#finish();
    if (chunk.inVain) return this.#afterVain(chunk, chunk.inVain);
    if (chunk.isLast) return this.#finish();
    const refusal = this.#receiver?.refusal;
    if (!refusal) return ok(reply(250, '2.0.0', `${chunk.size} octets received`));
    this.#fail(refusal);
    return refusal;
  }

  /** No part of the message counts any more (RFC 3030 §2). */
  #fail(refusal: Answer): void {
    this.#refusal = refusal;
    this.#transaction ??= this.#session.transaction;
    this.#session.chunks = failTransfer(this.#session.chunks);
    this.#receiver?.abort();
  }

  #afterVain(chunk: Chunk, answer: Answer): Answer {
    // Out of sequence there is no message that could have failed.
    if (chunk.isStray) return answer;
    this.#fail(answer);
    return chunk.isLast ? this.#over(answer) : answer;
  }

  #finish(): Soon<Answer> {
    const receiver = this.#receiver;
    if (!receiver) return refuse(REPLIES.internalError, 'internal-error');
    // It stays known until then, so that a client who leaves takes the message along.
    return soon(receiver.finish(), (answer) => this.#over(answer));
  }

  /** The message has its answer, for LMTP once for each recipient (RFC 2033 §4.2). */
  #over(answer: Answer): Answer {
    // Without a transaction the client has gone meanwhile.
    const transaction = this.#transaction;
    if (!transaction) return answer;
    const copies = this.#session.listener.kind === 'lmtp' ? transaction.accepted : 1;
    this.#receiver = undefined;
    this.#transaction = undefined;
    this.#session.resetTransaction();
    this.#onMessage(answer);
    return copies === 1 ? answer : { ...answer, copies };
  }

  /** Drops a message whose transaction has ended meanwhile: RSET, EHLO and their like. */
  settle(): void {
    if (this.#transaction !== this.#session.transaction) this.abort();
  }

  abort(): void {
    this.#receiver?.abort();
    this.#receiver = undefined;
    this.#transaction = undefined;
    this.#chunk = undefined;
    this.#refusal = undefined;
  }
}

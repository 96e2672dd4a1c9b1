/**
 * DATA and the message behind it (RFC 5321 §4.1.1.4, §4.5.2).
 *
 * Content passes, in this order: the check of line ends, the header, the body; what is kept of it
 * never exceeds the limits of header and message. A message that is refused on the way is read to
 * its true end all the same, so that nothing of it can be taken for commands, and is answered
 * there. What is read in vain is bounded.
 *
 * Callers: stages/commands for the command, conversation.ts for the content. Nothing here rejects:
 * a fault of storage or of our own is remembered as a temporary refusal.
 */
import { isEngineError, messageOf } from '../../core/errors.js';
import { rescue, type Soon, soon } from '../../core/soon.js';
import { type HeaderCollector, createHeaderCollector } from '../../message/header-collector.js';
import { parseHeader } from '../../message/header-block.js';
import { type LineEndingGuard, createLineEndingGuard } from '../../message/line-endings.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { Incoming } from '../session/incoming.js';
import type { Session } from '../session/session.js';
import type { Transaction } from '../session/transaction.js';
import { type Answer, fault, ok, refuse } from './answer.js';
import { completeBody, receiveBody } from './body.js';
import { endOfData } from './end-of-data.js';
import { receiveHeader } from './headers.js';
import { maxDataOctets } from './limits.js';

const CRLF = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);

const SEND_IT: Answer = { ...ok(REPLIES.startMail), next: { kind: 'message' } };

/** What has to come before a message, by DATA or BDAT; undefined when it may begin. */
export function missingForMessage(session: Session): Answer | undefined {
  const { transaction } = session;
  if (!session.hello) return fault(REPLIES.needHello, 'bad-sequence');
  if (!transaction) return fault(REPLIES.needMail, 'bad-sequence');
  if (transaction.recipientCount + transaction.dropped === 0) {
    // RFC 2033 §4.2 has one code for both.
    return transaction.attempts > 0 && session.listener.kind !== 'lmtp'
      ? fault(REPLIES.noValidRcpt, 'no-recipients')
      : fault(REPLIES.needRcpt, 'bad-sequence');
  }
  return undefined;
}

/** Checks the order of commands; success is the 354 that lets the message come. */
export function data(session: Session, argument: string): Answer {
  if (argument !== '') return fault(REPLIES.noArgument, 'syntax');
  const missing = missingForMessage(session);
  if (missing) return missing;
  // RFC 3030 §3: binary content has no line that could end it.
  if (isBinary(session.transaction)) return fault(REPLIES.needBdat, 'bad-sequence');
  return SEND_IT;
}

function isBinary(transaction: Transaction | undefined): boolean {
  return transaction?.parameters.body === 'BINARYMIME';
}

/** A fault on our side as the answer the client will get. */
export function storageAnswer(error: unknown, session: Session): Answer {
  const { log } = session.deps;
  if (isEngineError(error, 'ERR_QUEUE_FULL')) return refuse(REPLIES.queueFull, 'queue-full');
  if (isEngineError(error) && error.code.startsWith('ERR_QUEUE_')) {
    log.error('a message could not be stored', {
      session: session.id,
      code: error.code,
      error,
    });
    return refuse(REPLIES.queueTrouble, 'queue-trouble');
  }
  log.error('receiving a message failed', { session: session.id, error: messageOf(error) });
  return refuse(REPLIES.internalError, 'internal-error');
}

export class MessageReceiver {
  readonly #incoming: Incoming;
  readonly #guard: LineEndingGuard;
  readonly #drainLimit: number;
  /** BODY=BINARYMIME: only the header is lines, and the body is whatever it is. */
  readonly #isBinary: boolean;
  #collector: HeaderCollector | undefined;

  constructor(session: Session, transaction: Transaction, isChunked: boolean) {
    const { limits } = session.settings;
    this.#incoming = new Incoming(session, transaction);
    this.#isBinary = isChunked && isBinary(transaction);
    this.#guard = createLineEndingGuard(this.#isBinary ? 'reject' : session.listener.lineEndings);
    this.#drainLimit = limits.maxDrainOctets;
    this.#collector = createHeaderCollector(limits.maxHeaderOctets);
  }

  /** In force now: onHeadersReceived may set another for the body. */
  get #limit(): number {
    return maxDataOctets(this.#incoming.session);
  }

  /** More came behind a refusal than anybody should be made to read. */
  get isOverdrawn(): boolean {
    return !this.#incoming.isOpen && this.#incoming.size > this.#limit + this.#drainLimit;
  }

  /** The answer so far, for a conversation that cannot wait for the end. */
  get refusal(): Answer | undefined {
    return this.#incoming.refusal;
  }

  /** Takes the next content; a promise holds the client back until it is settled. */
  feed(piece: Buffer): Promise<void> | undefined {
    const incoming = this.#incoming;
    incoming.size += piece.length;
    if (!incoming.isOpen) return undefined;
    // A piece that may end the header waits for what onHeadersReceived makes of the limit.
    if (!this.#collector && this.#refuseTooBig()) return undefined;
    const strict = this.#isBinary ? piece : this.#guard.feed(piece);
    if (!strict) {
      incoming.refuse(refuse(REPLIES.badLineEndings, 'line-endings'));
      return undefined;
    }
    return this.#guarded(() => this.#take(strict));
  }

  /** Whatever goes wrong with a piece is remembered as the refusal of the message. */
  #guarded(step: () => Soon<void>): Promise<void> | undefined {
    const taken = rescue(step, (error) => {
      this.#incoming.refuse(storageAnswer(error, this.#incoming.session));
    });
    return taken instanceof Promise ? taken : undefined;
  }

  #refuseTooBig(): boolean {
    const tooBig = this.#incoming.size > this.#limit;
    if (tooBig) this.#incoming.refuse(refuse(REPLIES.tooBig, 'size-limit'));
    return tooBig;
  }

  #take(strict: Buffer): Soon<void> {
    const collector = this.#collector;
    if (!collector) return receiveBody(this.#incoming, strict);
    const collected = collector.feed(strict);
    if (collected.status === 'more') {
      this.#refuseTooBig();
      return;
    }
    this.#collector = undefined;
    if (collected.status === 'tooBig') return this.#overLimit(collected.octets);
    if (this.#isBinary && !this.#hasCleanLines(collected.octets)) return;
    return soon(receiveHeader(this.#incoming, collected.octets), (early) => {
      if (this.#refuseTooBig()) return;
      return this.#beginBody(early, collected.rest);
    });
  }

  /** A header that is too big; or one that has ended at a line that is no field. */
  #overLimit(octets: Buffer): Soon<void> {
    const early = parseHeader(octets).body;
    const header = octets.subarray(0, octets.length - early.length);
    const isTooBig = header.length > this.#incoming.session.settings.limits.maxHeaderOctets;
    if (isTooBig || early.length === 0) {
      this.#incoming.refuse(refuse(REPLIES.headerTooBig, 'header-limit'));
      return;
    }
    if (this.#isBinary && !this.#hasCleanLines(header)) return;
    return soon(receiveHeader(this.#incoming, octets), (text) =>
      this.#refuseTooBig() ? undefined : receiveBody(this.#incoming, text),
    );
  }

  /** Text in place of a header ended at a blank line, which belongs to it. */
  #beginBody(early: Buffer, rest: Buffer): Soon<void> {
    if (early.length === 0) return receiveBody(this.#incoming, rest);
    const text = receiveBody(this.#incoming, Buffer.concat([early, CRLF]));
    return soon(text, () => receiveBody(this.#incoming, rest));
  }

  /** The header of a binary message is lines all the same. */
  #hasCleanLines(header: Buffer): boolean {
    const isClean = this.#guard.feed(header) !== undefined;
    if (!isClean) this.#incoming.refuse(refuse(REPLIES.badLineEndings, 'line-endings'));
    return isClean;
  }

  /** The content is over: the last events, the limits, the queue. */
  finish(): Soon<Answer> {
    const incoming = this.#incoming;
    const ended = (): Soon<Answer> => soon(this.#complete(), () => endOfData(incoming));
    return rescue(ended, (error) => {
      incoming.refuse(storageAnswer(error, incoming.session));
      return incoming.refusal ?? refuse(REPLIES.internalError, 'internal-error');
    });
  }

  #complete(): Soon<void> {
    if (!this.#incoming.isOpen) return;
    const owed = this.#isBinary ? NOTHING : this.#guard.end();
    if (!owed) {
      this.#incoming.refuse(refuse(REPLIES.badLineEndings, 'line-endings'));
      return;
    }
    const taken = owed.length > 0 ? this.#take(owed) : undefined;
    const ended = soon(taken, () => this.#endHeader());
    return soon(ended, () => completeBody(this.#incoming));
  }

  /** There was no blank line: all of it is header, or was meant to be. */
  #endHeader(): Soon<void> {
    const octets = this.#collector?.end();
    this.#collector = undefined;
    if (!octets || (this.#isBinary && !this.#hasCleanLines(octets))) return;
    return soon(receiveHeader(this.#incoming, octets), (early) => receiveBody(this.#incoming, early));
  }

  /** The client is gone or out of time: nothing stays behind. */
  abort(): void {
    this.#incoming.refuse(refuse(REPLIES.internalError, 'aborted'));
  }
}

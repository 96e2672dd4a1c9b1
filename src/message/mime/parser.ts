/**
 * Parses messages for policies that ask, in a thread of its own with a deadline.
 *
 * The thread starts with the first question and is ended when a message takes too long or too
 * much memory; the next question gets a new one. Messages are parsed one after the other; the
 * deadline counts from a message's turn.
 *
 * Callers: app makes one, hooks ask through ctx.message.parsed(). Never rejects.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { messageOf } from '../../core/errors.js';
import { threadEntry } from '../../core/thread.js';
import type { MessageBody } from '../body.js';
import type { ParseOutcome } from './parsed-message.js';

/** What the thread is asked. */
export interface ParseRequest {
  readonly header: Uint8Array;
  /** The octets, or the file that holds them. */
  readonly body: Uint8Array | string;
}

export interface MimeParser {
  parse(header: Buffer, body: MessageBody, signal: AbortSignal): Promise<ParseOutcome>;
  close(): Promise<void>;
}

export interface MimeParserOptions {
  readonly clock: Clock;
  /** Milliseconds for one message. Default 10,000. */
  readonly deadlineMs?: number;
  /** Larger messages are not parsed, octets. Default 64 MiB. */
  readonly largest?: number;
}

const DEADLINE_MS = 10_000;
const LARGEST = 64 * 1024 * 1024;
/** Memory of the thread, MiB: some copies of the largest message. */
const MEMORY_MB = 512;

function unparsable(reason: string): ParseOutcome {
  return { status: 'unparsable', reason };
}

class ThreadParser implements MimeParser {
  readonly #options: MimeParserOptions;
  #worker: Worker | undefined;
  #waiting:
    | { readonly resolve: (outcome: ParseOutcome) => void; readonly reject: (error: Error) => void }
    | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MimeParserOptions) {
    this.#options = options;
  }

  parse(header: Buffer, body: MessageBody, signal: AbortSignal): Promise<ParseOutcome> {
    if (header.length + body.size > (this.#options.largest ?? LARGEST)) {
      return Promise.resolve(unparsable('the message is too large to be parsed'));
    }
    const mine = this.#turn.then(() =>
      this.#timed({ header, body: body.place === 'file' ? body.path : body.bytes }, signal),
    );
    this.#turn = mine;
    return mine;
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #timed(request: ParseRequest, signal: AbortSignal): Promise<ParseOutcome> {
    const { clock, deadlineMs: ms = DEADLINE_MS } = this.#options;
    try {
      const timed = await withDeadline({ clock, ms, signal }, () => this.#ask(request));
      if (timed.status === 'done') return timed.value;
      await this.#end();
      return unparsable(timed.status === 'aborted' ? 'the client has gone' : 'parsing took too long');
    } catch (error) {
      await this.#end();
      return unparsable(messageOf(error));
    }
  }

  /** Resolves with the thread's answer; rejects when the thread dies instead. */
  #ask(request: ParseRequest): Promise<ParseOutcome> {
    this.#worker ??= this.#startThread();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      worker.postMessage(request);
    });
  }

  #startThread(): Worker {
    const worker = new Worker(threadEntry(import.meta.url, './worker.js'), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    worker.unref();
    worker.on('message', (outcome: ParseOutcome) => this.#waiting?.resolve(outcome));
    worker.on('error', (error) => this.#waiting?.reject(error));
    worker.on('exit', () => {
      // A thread that died while nobody asked is replaced at the next question.
      if (this.#worker === worker) this.#worker = undefined;
      this.#waiting?.reject(new Error('the parser ended'));
    });
    return worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

export function createMimeParser(options: MimeParserOptions): MimeParser {
  return new ThreadParser(options);
}

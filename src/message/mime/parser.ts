/**
 * Parses messages for policies that ask, in a few threads of their own with a deadline.
 *
 * A thread starts when a question finds none free and there may be one more; it is ended when a
 * message takes too long or too much memory, and when nobody has asked for a while. Where all are
 * at work, questions wait in the order in which they came; the deadline counts from a message's
 * turn, and who stops waiting leaves the line.
 *
 * Callers: app makes one, hooks ask through ctx.message.parsed(). Never rejects.
 */
import type { Cancel, Clock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { messageOf } from '../../core/errors.js';
import type { MessageBody } from '../body.js';
import { type ParseRequest, type ParseThread, startParseThread } from './parse-thread.js';
import type { ParseOutcome } from './parsed-message.js';

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
  /** Most threads at once: one slow message must not hold up all others. Default 2. */
  readonly threads?: number;
  /** Milliseconds after which a thread that nobody needs is ended. Default 30,000. */
  readonly idleMs?: number;
  /** Default: a real thread. */
  readonly start?: () => ParseThread;
}

const DEADLINE_MS = 10_000;
const IDLE_MS = 30_000;
const LARGEST = 64 * 1024 * 1024;
const THREADS = 2;

function unparsable(reason: string): ParseOutcome {
  return { status: 'unparsable', reason };
}

const STOPPED = unparsable('Postern is stopping');
const GONE = unparsable('the client has gone');

/** A question in the line; it gets a thread, or undefined when the parser is closed. */
type Waiter = (thread: ParseThread | undefined) => void;

interface IdleThread {
  readonly thread: ParseThread;
  readonly cancel: Cancel;
}

class ThreadPool implements MimeParser {
  readonly #options: MimeParserOptions;
  readonly #busy = new Set<ParseThread>();
  readonly #idle: IdleThread[] = [];
  readonly #line: Waiter[] = [];
  #isClosed = false;

  constructor(options: MimeParserOptions) {
    this.#options = options;
  }

  async parse(header: Buffer, body: MessageBody, signal: AbortSignal): Promise<ParseOutcome> {
    if (header.length + body.size > (this.#options.largest ?? LARGEST)) {
      return unparsable('the message is too large to be parsed');
    }
    if (signal.aborted) return GONE;
    const thread = this.#free() ?? (await this.#turn(signal));
    if (!thread) return this.#isClosed ? STOPPED : GONE;
    try {
      return await this.#timed(
        thread,
        { header, body: body.place === 'file' ? body.path : body.bytes },
        signal,
      );
    } finally {
      this.#release(thread);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#line.splice(0)) waiter(undefined);
    const idle = this.#idle.splice(0);
    for (const { cancel } of idle) cancel();
    await Promise.all([...idle.map(({ thread }) => thread), ...this.#busy].map((thread) => thread.end()));
  }

  /** A thread that may be used at once. */
  #free(): ParseThread | undefined {
    if (this.#isClosed) return undefined;
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      idle.cancel();
      if (!idle.thread.isAlive) continue;
      this.#busy.add(idle.thread);
      return idle.thread;
    }
    return this.#busy.size < (this.#options.threads ?? THREADS) ? this.#another() : undefined;
  }

  #another(): ParseThread {
    const thread = (this.#options.start ?? startParseThread)();
    this.#busy.add(thread);
    return thread;
  }

  /** Waits for a thread; undefined when the asker has gone or the parser is closed. */
  #turn(signal: AbortSignal): Promise<ParseThread | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#line.splice(this.#line.indexOf(waiter), 1);
        resolve(undefined);
      };
      const waiter: Waiter = (thread) => {
        signal.removeEventListener('abort', leave);
        resolve(thread);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.push(waiter);
    });
  }

  /** Hands the thread, or a new one in place of one that is gone, to the next in the line. */
  #release(thread: ParseThread): void {
    this.#busy.delete(thread);
    if (this.#isClosed) return;
    const next = this.#line.shift();
    if (next) {
      if (thread.isAlive) this.#busy.add(thread);
      next(thread.isAlive ? thread : this.#another());
    } else if (thread.isAlive) this.#rest(thread);
  }

  /** Keeps the thread for a while. */
  #rest(thread: ParseThread): void {
    const cancel = this.#options.clock.after(this.#options.idleMs ?? IDLE_MS, () => {
      const at = this.#idle.findIndex((idle) => idle.thread === thread);
      if (at < 0) return;
      this.#idle.splice(at, 1);
      // Ending a thread at rest cannot fail in a way that anybody could act upon.
      thread.end().catch(() => undefined);
    });
    this.#idle.push({ thread, cancel });
  }

  async #timed(thread: ParseThread, request: ParseRequest, signal: AbortSignal): Promise<ParseOutcome> {
    const { clock, deadlineMs: ms = DEADLINE_MS } = this.#options;
    try {
      const timed = await withDeadline({ clock, ms, signal }, () => thread.ask(request));
      if (timed.status === 'done') return timed.value;
      await thread.end();
      return timed.status === 'aborted' ? GONE : unparsable('parsing took too long');
    } catch (error) {
      await thread.end();
      return this.#isClosed ? STOPPED : unparsable(messageOf(error));
    }
  }
}

export function createMimeParser(options: MimeParserOptions): MimeParser {
  return new ThreadPool(options);
}

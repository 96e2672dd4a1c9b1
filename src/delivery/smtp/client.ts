/**
 * One connection to a next hop: commands out, replies in, content with back-pressure.
 *
 * nodemailer's `smtp-connection` opens the session (greeting, EHLO or LHLO, STARTTLS) and splits
 * what comes into replies; its own way of sending a message is not used, because it knows neither
 * parameters per recipient nor BDAT and tells of LMTP's replies only at the end. The members of
 * the library that this relies on are named in test/conformance/smtp-connection-seam.test.ts.
 *
 * The first fault ends the connection, and everything that waits for it rejects with that fault.
 * Callers: delivery/smtp. Nothing is thrown or emitted outside of a promise.
 */
import { TLSSocket } from 'node:tls';
import SMTPConnection, { type Options } from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../../core/clock.js';
import { InvariantError } from '../../core/errors.js';
import { type PeerReply, readReply } from './reply.js';

type Fail = (fault: Error) => void;

/** What a peer said of itself, and how well we know it. */
export interface PeerFacts {
  /** Keywords of its EHLO or LHLO reply in capital letters, with their parameters. */
  readonly extensions: ReadonlyMap<string, string>;
  readonly encrypted: boolean;
  /** Encrypted, and its certificate is valid for the name it was asked by. */
  readonly verified: boolean;
  /** In clear although it offers encryption: the handshake failed, or it refused to begin one. */
  readonly failedTls: boolean;
}

/** A rejection that is told where it matters must not end the process where it does not. */
export function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {
    // Whoever awaits the promise hears of it.
  });
  return promise;
}

const CONTROL = /[\u0000-\u001f\u007f]/;

export class NextHopClient extends SMTPConnection {
  declare private readonly _responseActions: ((raw: string) => void)[];
  declare private readonly _responseQueue: readonly string[];
  declare private readonly _remainder: string;
  declare private readonly _ehloLines: readonly string[] | undefined;
  declare private readonly _sendCommand: (line: string) => void;

  /** Replies heard so far, those of the handshake left out. */
  replies = 0;
  /** The code of the last of them. */
  lastCode = 0;
  /** Messages that were begun on this connection. */
  transactions = 0;
  /** Opened in clear after a handshake that failed. */
  isFallback = false;
  readonly #clock: Clock;
  readonly #waiting = new Set<Fail>();
  #fault: Error | undefined;

  constructor(options: Options, clock: Clock) {
    // Nothing of an unfinished message may look like its end: the socket is cut, not ended.
    super({ ...options, secure: false, socketCloseTimeout: 0 });
    this.#clock = clock;
    this.on('error', (fault: Error) => {
      this.fail(fault);
    });
    this.on('end', () => {
      this.fail(new Error('the connection was closed'));
    });
  }

  /** Waits for the greeting and holds the opening dialog, STARTTLS included. */
  open(ms: number): Promise<void> {
    const opened = this.#pending<void>((done) => {
      this.connect((fault) => {
        if (fault) this.fail(fault);
        else done();
      });
    });
    return this.limit(opened, 'the greeting and the answer to EHLO', ms);
  }

  get isOver(): boolean {
    return this.#fault !== undefined;
  }

  facts(): PeerFacts {
    const socket = this._socket;
    const lines = (this._ehloLines ?? []).map((line) => {
      const blank = line.search(/[ =]/);
      return blank === -1
        ? ([line.toUpperCase(), ''] as const)
        : ([line.slice(0, blank).toUpperCase(), line.slice(blank + 1).trim()] as const);
    });
    const encrypted = socket instanceof TLSSocket;
    const extensions = new Map(lines);
    // With encryption switched off it was not even asked for.
    const wasRefused = this.options.opportunisticTLS === true && !encrypted && extensions.has('STARTTLS');
    const failedTls = this.isFallback || wasRefused;
    return { extensions, encrypted, verified: encrypted && socket.authorized, failedTls };
  }

  /** The reply that comes next and nobody waits for yet. Without limit of time. */
  expect(): Promise<PeerReply> {
    const unasked = [...this._responseQueue, this._remainder].join('').trim();
    if (this._responseActions.length === 0 && unasked !== '') {
      // What came before its question would be taken for the answer to it.
      this.fail(new Error('the peer answered more than it was asked'));
    }
    return this.#pending((done) => {
      this._responseActions.push((raw) => {
        const reply = readReply(raw);
        this.replies += 1;
        this.lastCode = reply.code;
        done(reply);
      });
    });
  }

  /** Sends a command; the answer is its reply, whatever it says. */
  ask(line: string, ms: number): Promise<PeerReply> {
    if (CONTROL.test(line)) {
      const detail = { reason: 'a command for a next hop holds a control character' };
      return Promise.reject(new InvariantError('ERR_INVARIANT', { detail }));
    }
    const [verb = ''] = line.split(/[ :]/, 1);
    const reply = this.expect();
    if (!this.isOver) this._sendCommand(line);
    return this.limit(reply, `the answer to ${verb}`, ms);
  }

  /** Sends several commands in one packet (RFC 2920 §3.1); `send` asks them. */
  together<T>(send: () => T): T {
    const socket = this._socket;
    if (socket) socket.cork();
    try {
      return send();
    } finally {
      if (socket) socket.uncork();
    }
  }

  /** Writes octets; resolves when the peer has room for more. */
  async write(pieces: readonly Buffer[], ms: number): Promise<void> {
    const socket = this._socket;
    if (this.#fault) throw this.#fault;
    if (!socket || socket.destroyed) throw new Error('the connection was closed');
    this.together(() => {
      for (const piece of pieces) socket.write(piece);
    });
    if (!socket.writableNeedDrain) return;
    const drained = this.#pending<void>((done) => {
      socket.once('drain', done);
    });
    await this.limit(drained, 'room for more of the message', ms);
  }

  /** Ends the connection when `promise` takes longer than `ms`. */
  async limit<T>(promise: Promise<T>, what: string, ms: number): Promise<T> {
    const cancel = this.#clock.after(ms, () => {
      this.fail(new Error(`waited ${Math.round(ms / 1000)} s for ${what}`));
    });
    try {
      return await promise;
    } finally {
      cancel();
    }
  }

  /** Ends the connection at once; everything that waits rejects with `fault`. */
  fail(fault: Error): void {
    if (this.#fault) return;
    this.#fault = fault;
    this.close();
    for (const reject of this.#waiting) reject(fault);
    this.#waiting.clear();
  }

  /** Says good-bye to a peer that may take `ms` to answer. Never rejects. */
  async leave(ms: number): Promise<void> {
    await this.ask('QUIT', ms).catch(() => undefined);
    this.fail(new Error('the connection was left'));
  }

  #pending<T>(start: (done: (value: T) => void) => void): Promise<T> {
    return watched(
      new Promise<T>((resolve, reject) => {
        if (this.#fault) {
          reject(this.#fault);
          return;
        }
        this.#waiting.add(reject);
        start((value) => {
          this.#waiting.delete(reject);
          resolve(value);
        });
      }),
    );
  }
}

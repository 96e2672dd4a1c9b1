/**
 * The seam to smtp-server: THE ONLY file that knows its private members.
 *
 * The library keeps the socket's life: listeners, PROXY, TLS upgrades, half-closed sockets. What
 * it reads and says is ours: its parser is replaced by one that hands octets to our reader, its
 * command dispatch is never reached, and its own texts pass through formatReply. The members
 * relied on are asserted by test/conformance/smtp-server-seam.test.ts.
 *
 * Callers: listener/server.ts. No verb's logic belongs here.
 */
import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { formatReply, reply } from '../../smtp/reply.js';
import type { Conversation, Wire } from '../session/conversation.js';
import type { Peer } from '../session/session.js';
import { type InputReader, createInputReader } from './input-reader.js';

/** Replies that may wait to be written together before the socket gets them. */
const PENDING_CHARACTERS = 16_384;

type Next = (error?: Error | null) => void;

/** The library's parser with our reader inside: it only passes octets on, in order. */
class OctetStream extends SMTPStream {
  readonly #take: (chunk: Buffer) => Promise<void>;

  constructor(take: (chunk: Buffer) => Promise<void>) {
    super();
    this.#take = take;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', next: Next): void {
    if (this.isClosed) {
      next();
      return;
    }
    this.#take(chunk).then(() => {
      next();
    }, next);
  }

  /** The library would run an unfinished last line as a command; one without CRLF is none. */
  override _flushData(): void {
    // Nothing is pending here: our reader holds partial lines and drops them.
  }
}

export interface ConnectionStart {
  readonly server: SMTPServer;
  readonly socket: Socket;
  readonly options: SMTPConnectionOptions & { readonly id: string };
  readonly maxLineOctets: number;
  readonly converse: (wire: Wire, peer: Peer) => Conversation;
}

export class Connection extends SMTPConnection {
  readonly conversation: Conversation;
  readonly #reader: InputReader;
  #pending = '';
  #isScheduled = false;
  #wake: (() => void) | undefined;

  constructor({ server, socket, options, maxLineOctets, converse }: ConnectionStart) {
    super(server, socket, options);
    this.conversation = converse(this.#asWire(), {
      remoteIp: this.remoteAddress,
      remotePort: this.remotePort,
      localIp: this.localAddress,
      localPort: this.localPort,
    });
    this.#reader = createInputReader(this.conversation, maxLineOctets);
  }

  /** Replaces the library's start, which waits 100 ms and looks the client's name up. */
  override init(): void {
    this._setListeners(() => {
      this.conversation.open().then(
        () => this.#wake?.(),
        (error: unknown) => {
          this.#broken(error);
        },
      );
    });
  }

  override _createParser(): SMTPStream {
    // Runs inside the library's constructor, so it may touch nothing of ours yet.
    const parser = new OctetStream((chunk) => this.#take(chunk));
    parser.on('error', (error: Error) => {
      this.#broken(error);
    });
    return parser;
  }

  async #take(chunk: Buffer): Promise<void> {
    // Until the greeting is out nothing is read; the socket holds the client back.
    if (!this.conversation.mayRead()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#reader.feed(chunk);
  }

  #asWire(): Wire {
    return {
      send: (text) => {
        this.#write(text);
      },
      drained: () => (this._socket.writableNeedDrain ? this.#drained() : undefined),
      startData: () => {
        this.#reader.startData();
      },
      close: () => {
        this.#reader.stop();
        this.#flush();
        this.close();
      },
    };
  }

  /**
   * Collects replies that are made without waiting, so that a pipelined group is answered with
   * one write (RFC 2920 §3.2). A reply never waits for input or for a policy.
   */
  #write(text: string): void {
    this.#pending += text;
    if (this.#pending.length > PENDING_CHARACTERS) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(() => {
        this.#flush();
      });
    }
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = '';
    this.#isScheduled = false;
    if (text !== '' && this._socket.writable) this._socket.write(text, 'latin1');
  }

  /** Waits until a client that reads no replies has read some, or is gone. */
  #drained(): Promise<void> {
    const socket = this._socket;
    return new Promise((resolve) => {
      const settle = (): void => {
        socket.off('drain', settle);
        socket.off('close', settle);
        resolve();
      };
      socket.once('drain', settle);
      socket.once('close', settle);
    });
  }

  /** A bug of ours took the conversation down; the others go on. */
  #broken(error: unknown): void {
    this.conversation.closed(error instanceof Error ? error : new Error(String(error)));
    this._socket.destroy();
  }

  /** Ends the connection without waiting for the client. */
  destroy(): void {
    this._socket.destroy();
  }

  /** A text of the library itself; the reply keeps its code and nothing it says can break a line. */
  override send(code: number, text?: string | string[] | null, _context?: string | false): void {
    this.#write(formatReply(reply(code, '', text ?? '')));
    if (code === 421) this.conversation.forceStop();
  }

  /** The library's idle timer; the conversation keeps the deadlines. */
  override _armTimeout(): void {
    // Nothing to arm.
  }

  override _onError(error: Error): void {
    this.conversation.closed(error);
  }

  override _onClose(): void {
    this.conversation.closed();
    super._onClose();
    this.#wake?.();
  }
}

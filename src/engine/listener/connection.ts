/**
 * The seam to smtp-server: THE ONLY file that knows the private members of its connections.
 *
 * The library keeps the socket's end and the spelling of addresses. What it reads and says is
 * ours: octets go from the socket to our reader without its parser, its command dispatch is never
 * reached, and its own texts pass through formatReply. The members relied on are asserted by
 * test/conformance/smtp-server-seam.test.ts.
 *
 * Callers: listener/server.ts. No verb's logic belongs here.
 */
import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { messageOf } from '../../core/errors.js';
import { formatReply, reply } from '../../smtp/reply.js';
import type { TlsPort } from '../ports.js';
import type { Conversation } from '../session/conversation.js';
import type { Peer, TlsFacts } from '../session/session.js';
import type { Wire } from '../session/wire.js';
import { InputReader, type Step } from './input-reader.js';
import { type Upgrade, upgradeSocket } from './tls-upgrade.js';

/** Replies that may wait to be written together before the socket gets them. */
const PENDING_CHARACTERS = 16_384;

export interface ConnectionStart {
  readonly server: SMTPServer;
  readonly socket: Socket;
  readonly options: SMTPConnectionOptions & { readonly id: string };
  readonly maxLineOctets: number;
  /** Undefined where there is no encryption to be had. */
  readonly tls: TlsPort | undefined;
  /** Whether the handshake comes before everything else. */
  readonly isImplicit: boolean;
  readonly converse: (wire: Wire, peer: Peer) => Conversation;
}

export class Connection extends SMTPConnection implements Wire {
  readonly conversation: Conversation;
  readonly #reader: InputReader;
  readonly #tls: TlsPort | undefined;
  readonly #isImplicit: boolean;
  #pending = '';
  #isScheduled = false;
  /** Input that came while a step was under way, and before the greeting. */
  #held: Buffer[] = [];
  #isBusy = true;
  #upgrade: Upgrade | undefined;
  #isOver = false;
  /** The client has ended its side. */
  #hasEnded = false;
  readonly #onData = (chunk: Buffer): void => {
    this.#take(chunk);
  };
  readonly #goOn = (): void => {
    this.#next();
  };
  readonly #flushLater = (): void => {
    this.#flush();
  };
  readonly #fail = (error: unknown): void => {
    this.#broken(error);
  };

  constructor(start: ConnectionStart) {
    super(start.server, start.socket, start.options);
    this.#tls = start.tls;
    this.#isImplicit = start.isImplicit;
    this.conversation = start.converse(this, {
      remoteIp: this.remoteAddress,
      remotePort: this.remotePort,
      localIp: this.localAddress,
      localPort: this.localPort,
    });
    this.#reader = new InputReader(this.conversation, start.maxLineOctets);
  }

  /** Replaces the library's start, which waits 100 ms and looks the client's name up. */
  override init(): void {
    // The client's end is no end of ours: what it has sent is still to be answered.
    this._socket.allowHalfOpen = true;
    this.#hear(this._socket);
    // With implicit TLS the first octets belong to the handshake.
    if (!this.#isImplicit) this.#read(this._socket);
    const opening = this.conversation.open(this.#isImplicit);
    if (opening) opening.then(this.#goOn, this.#fail);
    else this.#next();
  }

  /** The library's parser is never fed; it only asks this much of it. */
  override _createParser(): SMTPStream {
    return { isClosed: false } as SMTPStream;
  }

  #hear(socket: Socket): void {
    socket.on('error', (error: Error) => {
      this._onError(error);
    });
    socket.once('close', () => {
      this._onClose();
    });
  }

  #read(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.once('end', () => {
      this.#hasEnded = true;
      this.#leaveWhenDone();
    });
    socket.resume();
  }

  /**
   * A client that ends its side has gone, unless it has sent more than we have looked at: then it
   * is one that says everything at once, and gets its answers; as does one whose message we store.
   */
  #leaveWhenDone(): void {
    const isDone = this.#held.length === 0 && !this.#reader.isBehind && this.conversation.mayLeave;
    if (this.#hasEnded && isDone && !this.#isOver) this.conversation.closed();
  }

  /** Until the greeting is out nothing is read; afterwards one thing after the other. */
  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    const mayRead = this.conversation.mayRead();
    if (mayRead && !this.#isBusy) {
      this.#feed(chunk);
      return;
    }
    // The socket holds the client back: at most what is under way already still comes.
    this.#held.push(chunk);
    this._socket.pause();
  }

  #feed(chunk: Buffer): void {
    let step: Step;
    try {
      step = this.#reader.feed(chunk);
    } catch (error) {
      this.#broken(error);
      return;
    }
    if (!step) return;
    this.#isBusy = true;
    step.then(this.#goOn, this.#fail);
  }

  #next(): void {
    this.#isBusy = false;
    while (this.#held.length > 0 && !this.#isBusy && !this.#isOver) {
      const chunk = this.#held.shift();
      if (chunk) this.#feed(chunk);
    }
    if (!this.#isBusy && this._socket.isPaused()) this._socket.resume();
    this.#leaveWhenDone();
  }

  /**
   * Collects replies that are made without waiting, so that a pipelined group is answered with
   * one write (RFC 2920 §3.2). A reply never waits for input or for a policy.
   */
  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length > PENDING_CHARACTERS) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(this.#flushLater);
    }
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = '';
    this.#isScheduled = false;
    // Amid a handshake there is nobody who could read it.
    if (text !== '' && !this.#upgrade && this._socket.writable) this._socket.write(text, 'latin1');
  }

  /** Waits until a client that reads no replies has read some, or is gone. */
  drained(): Promise<void> | undefined {
    const socket = this._socket;
    if (!socket.writableNeedDrain) return undefined;
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

  readMessage(): void {
    this.#reader.readMessage();
  }

  readChunk(octets: number): void {
    this.#reader.readChunk(octets);
  }

  limitLine(octets: number): void {
    this.#reader.limitLine(octets);
  }

  async encrypt(): Promise<TlsFacts | undefined> {
    const plain = this._socket;
    if (!this.#tls || plain.destroyed) return undefined;
    this.#flush();
    if (!this.#isImplicit) this.#forgetInput(plain);
    // Amid a handshake the client's end is the end.
    plain.allowHalfOpen = false;
    this.#upgrade = upgradeSocket(plain, this.#tls.options(), (reason) => {
      this.conversation.noteHandshake(reason);
    });
    const secured = await this.#upgrade.done;
    if (!secured || this.#isOver) return undefined;
    this.#upgrade = undefined;
    this._socket = secured.socket;
    secured.socket.allowHalfOpen = true;
    this.#hear(secured.socket);
    this.#read(secured.socket);
    return secured.tls;
  }

  /** RFC 3207 §4.2: what came in clear behind STARTTLS must not be taken for something encrypted. */
  #forgetInput(plain: Socket): void {
    plain.off('data', this.#onData);
    plain.pause();
    this.#reader.forget();
    this.#held = [];
    while (plain.read() !== null);
  }

  hangUp(): void {
    if (!this.#stopReading()) return;
    if (this.#upgrade) this.#upgrade.cancel();
    else this.close();
  }

  cutOff(): void {
    if (!this.#stopReading()) return;
    // The library waits seconds for the client's side, and a refused client must not hold a socket.
    this._socket.end(() => {
      this.destroy();
    });
  }

  /** Whether it was still open; what is pending has been sent then. */
  #stopReading(): boolean {
    const wasOpen = !this.#isOver;
    this.#isOver = true;
    this.#reader.stop();
    this.#held = [];
    if (wasOpen) this.#flush();
    return wasOpen;
  }

  /** A bug of ours took the conversation down; the others go on. */
  #broken(error: unknown): void {
    this.conversation.closed(error instanceof Error ? error : new Error(messageOf(error)));
    this.destroy();
  }

  /** Ends the connection without waiting for the client. */
  destroy(): void {
    if (this.#upgrade) this.#upgrade.cancel();
    else this._socket.destroy();
  }

  /** A text of the library itself; the reply keeps its code and nothing it says can break a line. */
  override send(code: number, text?: string | string[] | null, _context?: string | false): void {
    this.write(formatReply(reply(code, '', text ?? '')));
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
  }
}

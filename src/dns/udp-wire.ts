/**
 * Questions by UDP.
 *
 * A forger must guess the id and the source port. So each server is asked through a few sockets,
 * each on a port that the system picked at random, chosen at random per question and replaced
 * after some hundred questions; the id is random too. The sockets are connected: the kernel drops
 * what other hosts send and reports a closed port at once.
 *
 * Callers: udp-resolver. A socket keeps the process alive only while a question is open on it.
 * RFC 5452 §9.1, RFC 5452 §9.2.
 */
import { type Socket, createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { type DnsQuery, encodeQuery, isAnswerTo } from './query-packet.js';
import { type DrawNumber, createNumberSource } from './random-numbers.js';
import type { DnsServer } from './server-address.js';
import type { Wire, WireReply } from './wire.js';

const SOCKETS_PER_SERVER = 4;
const QUESTIONS_PER_SOCKET = 256;
/** Room for a burst of answers, octets; the kernel gives less where it must. */
const RECEIVE_BUFFER = 1024 * 1024;
/** Open questions on one socket; the ids stay sparse, so a free one is found at once. */
const MOST_OPEN = 4096;

type Hear = (reply: WireReply) => void;
interface Open {
  readonly query: DnsQuery;
  readonly hear: Hear;
}

export function createUdpWire(clock: Clock): Wire {
  const draw = createNumberSource(clock);
  const pools = new Map<DnsServer, (Line | undefined)[]>();
  // Lines of the pools, and retired ones that still wait for an answer.
  const lines = new Set<Line>();
  let closed = false;

  /** A line of the pool, chosen at random; a tired or broken one is replaced. */
  function lineTo(server: DnsServer): Line {
    const pool = pools.get(server) ?? [];
    if (pool.length === 0) pools.set(server, pool);
    const place = draw() % SOCKETS_PER_SERVER;
    const line = pool[place];
    if (line?.usable) return line;
    line?.retire();
    const fresh = new Line(server, draw, () => lines.delete(fresh));
    lines.add(fresh);
    pool[place] = fresh;
    return fresh;
  }

  return {
    send(server, query, hear) {
      return closed ? failSoon(hear, 'the resolver is closed') : lineTo(server).send(query, hear);
    },
    close() {
      closed = true;
      for (const line of lines) line.close('the resolver is closed');
      pools.clear();
    },
  };
}

function failSoon(hear: Hear, detail: string): Cancel {
  let wanted = true;
  queueMicrotask(() => {
    if (wanted) hear({ status: 'failed', detail });
  });
  return () => {
    wanted = false;
  };
}

/** One socket to one server, and the questions open on it. */
class Line {
  readonly #draw: DrawNumber;
  readonly #server: DnsServer;
  readonly #socket: Socket;
  readonly #onClosed: () => void;
  readonly #open = new Map<number, Open>();
  /** Packets that wait until the socket is connected; `undefined` once it is. */
  #waiting: Map<number, Buffer> | undefined = new Map();
  #asked = 0;
  #retired = false;
  #closed = false;

  constructor(server: DnsServer, draw: DrawNumber, onClosed: () => void) {
    this.#onClosed = onClosed;
    this.#draw = draw;
    this.#server = server;
    const type = isIPv6(server.address) ? 'udp6' : 'udp4';
    this.#socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER });
    this.#socket.on('message', (packet, from) => {
      if (from.port === server.port) this.#read(packet);
    });
    // The kernel reports here that the port is closed, the host unreachable or no port left.
    this.#socket.on('error', (error) => {
      this.close(messageOf(error));
    });
    this.#socket.connect(server.port, server.address, () => {
      if (!this.#closed) this.#connected();
    });
  }

  get usable(): boolean {
    return !this.#retired && !this.#closed && this.#asked < QUESTIONS_PER_SOCKET;
  }

  send(query: DnsQuery, hear: Hear): Cancel {
    if (this.#open.size >= MOST_OPEN) return failSoon(hear, 'too many questions are open');
    const id = this.#freeId();
    const packet = encodeQuery(query, id);
    const open = { query, hear };
    this.#open.set(id, open);
    this.#asked++;
    if (this.#waiting) this.#waiting.set(id, packet);
    else this.#put(id, packet);
    return () => {
      // The id may serve another question by now.
      if (this.#open.get(id) === open) this.#settle(id);
    };
  }

  /** Takes no new questions and closes after the last answer. */
  retire(): void {
    this.#retired = true;
    if (this.#open.size === 0) this.close('');
  }

  close(detail: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#waiting = undefined;
    this.#onClosed();
    try {
      this.#socket.close();
    } catch {
      // Thrown only when the socket never came up or is closed already: nothing is left to release.
    }
    for (const { hear } of open) hear({ status: 'failed', detail });
  }

  #connected(): void {
    const waiting = this.#waiting ?? new Map<number, Buffer>();
    this.#waiting = undefined;
    for (const [id, packet] of waiting) this.#put(id, packet);
    if (this.#open.size === 0) this.#socket.unref();
  }

  #put(id: number, packet: Buffer): void {
    this.#socket.ref();
    this.#socket.send(packet, (error) => {
      if (!error) return;
      const open = this.#open.get(id);
      this.#settle(id);
      open?.hear({ status: 'failed', detail: `${this.#server.address}: ${messageOf(error)}` });
    });
  }

  #read(packet: Buffer): void {
    if (packet.length < 2) return;
    const id = packet.readUInt16BE(0);
    const open = this.#open.get(id);
    if (!open || !isAnswerTo(packet, open.query)) return;
    this.#settle(id);
    open.hear({ status: 'packet', packet });
  }

  #settle(id: number): void {
    this.#open.delete(id);
    this.#waiting?.delete(id);
    if (this.#open.size > 0 || this.#closed) return;
    if (this.#retired) this.close('');
    else if (!this.#waiting) this.#socket.unref();
  }

  #freeId(): number {
    for (;;) {
      const id = this.#draw();
      if (!this.#open.has(id)) return id;
    }
  }
}

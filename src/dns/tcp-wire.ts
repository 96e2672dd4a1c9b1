/**
 * Questions by TCP, for answers that UDP had to cut.
 *
 * One connection per question: truncation is rare, and a connection kept open would be one more
 * thing that can go stale. At most 65,537 octets are kept, the largest message with its length.
 *
 * Callers: udp-resolver. RFC 1035 §4.2.2, RFC 7766 §8.
 */
import { type Socket, connect } from 'node:net';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { type DnsQuery, encodeQuery, isAnswerTo } from './query-packet.js';
import { createNumberSource } from './random-numbers.js';
import type { DnsServer } from './server-address.js';
import type { Wire, WireReply } from './wire.js';

const LENGTH_SIZE = 2;

export function createTcpWire(clock: Clock): Wire {
  const open = new Set<Socket>();
  const draw = createNumberSource(clock);
  return {
    send(server, query, hear) {
      const id = draw();
      const socket = connect({ host: server.address, port: server.port });
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
      });
      return exchange(socket, { query, id, server }, hear);
    },
    close() {
      for (const socket of open) socket.destroy();
      open.clear();
    },
  };
}

interface Asked {
  readonly query: DnsQuery;
  readonly id: number;
  readonly server: DnsServer;
}

function exchange(socket: Socket, asked: Asked, hear: (reply: WireReply) => void): Cancel {
  let heard = false;
  const tell = (reply: WireReply): void => {
    if (heard) return;
    heard = true;
    socket.destroy();
    hear(reply);
  };
  const message = new IncomingMessage();
  socket.on('data', (chunk: Buffer) => {
    const packet = message.add(chunk);
    if (!packet || heard) return;
    const fits = packet.length >= 2 && packet.readUInt16BE(0) === asked.id && isAnswerTo(packet, asked.query);
    tell(
      fits ? { status: 'packet', packet } : { status: 'failed', detail: 'the answer is to another question' },
    );
  });
  socket.on('error', (error) => {
    tell({ status: 'failed', detail: `${asked.server.address}: ${messageOf(error)}` });
  });
  socket.on('close', () => {
    tell({ status: 'failed', detail: `${asked.server.address} closed the connection` });
  });
  const packet = encodeQuery(asked.query, asked.id);
  const length = Buffer.alloc(LENGTH_SIZE);
  length.writeUInt16BE(packet.length, 0);
  socket.write(Buffer.concat([length, packet]));
  return () => {
    heard = true;
    socket.destroy();
  };
}

/** The first message of a connection; its length prefix bounds what is ever kept. */
class IncomingMessage {
  #length = 0;
  #lengthOctets = 0;
  #packet: Buffer | undefined;
  #filled = 0;

  /** The whole message once all of it is here. However small the pieces, each octet is copied once. */
  add(chunk: Buffer): Buffer | undefined {
    let at = 0;
    for (; this.#lengthOctets < LENGTH_SIZE && at < chunk.length; at++, this.#lengthOctets++) {
      this.#length = (this.#length << 8) | (chunk[at] ?? 0);
    }
    if (this.#lengthOctets < LENGTH_SIZE) return undefined;
    this.#packet ??= Buffer.alloc(this.#length);
    this.#filled += chunk.copy(this.#packet, this.#filled, at);
    return this.#filled >= this.#length ? this.#packet : undefined;
  }
}

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
import type { DnsServer } from './server-address.js';
import type { Wire, WireReply } from './wire.js';

const LENGTH_SIZE = 2;

export function createTcpWire(clock: Clock): Wire {
  const open = new Set<Socket>();
  return {
    send(server, query, hear) {
      const id = clock.random(2).readUInt16BE(0);
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
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const packet = completeMessage(received);
    if (!packet) return;
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

/** The first message, once all of it is here; the length prefix bounds what is ever collected. */
function completeMessage(received: Buffer): Buffer | undefined {
  if (received.length < LENGTH_SIZE) return undefined;
  const end = LENGTH_SIZE + received.readUInt16BE(0);
  return received.length >= end ? received.subarray(LENGTH_SIZE, end) : undefined;
}

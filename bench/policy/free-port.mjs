/**
 * A port of the loopback address that nobody uses, neither over TCP nor over UDP.
 *
 * For programs that cannot be told to choose one. Somebody may still take it before they do.
 *
 * Callers: name-server.mjs, haraka-server.mjs.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const TRIES = 20;

async function isFree(open) {
  try {
    await once(open, 'listening');
    return true;
  } catch {
    // In use.
    return false;
  }
}

export async function freePort() {
  for (let i = 0; i < TRIES; i += 1) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    const isGood = await isFree(socket);
    socket.close();
    server.close();
    await once(server, 'close');
    if (isGood) return port;
  }
  throw new Error('no port is free for both UDP and TCP');
}

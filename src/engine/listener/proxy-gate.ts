/**
 * Waits for the PROXY header that a trusted proxy puts before the octets of its client.
 *
 * Nothing is answered and no session exists before the header is there. What follows it goes back
 * into the socket, whoever reads it next: the client's first words, or its TLS handshake.
 *
 * Callers: server.ts, for connections from `proxyNetworks` and all of them. Never rejects; after
 * `refused` the socket is being closed.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { type ProxyAnswer, createProxyParser } from '../../smtp/proxy-protocol.js';

export type ProxyHeader = Extract<ProxyAnswer, { readonly status: 'proxied' | 'local' }>;

export type GateAnswer =
  | ProxyHeader
  | {
      readonly status: 'refused';
      readonly reason: string;
      /** Whether it had said anything: a proxy that looks whether we are there says nothing. */
      readonly hasSpoken: boolean;
    };

/** A proxy sends its header at once; one that takes longer is none. */
const HEADER_WAIT_MS = 10_000;

export function awaitProxyHeader(socket: Socket, clock: Clock): Promise<GateAnswer> {
  return new Promise((resolve) => {
    const parser = createProxyParser();
    let hasSpoken = false;
    const settle = (answer: GateAnswer): void => {
      cancel();
      socket.off('data', onData);
      socket.off('close', onClose);
      if (answer.status === 'refused') socket.destroy();
      resolve(answer);
    };
    const refuse = (reason: string): void => {
      settle({ status: 'refused', reason, hasSpoken });
    };
    const cancel = clock.after(HEADER_WAIT_MS, () => {
      refuse('the PROXY header did not come in time');
    });
    const onClose = (): void => {
      refuse('the proxy has gone');
    };
    const onData = (piece: Buffer): void => {
      hasSpoken = true;
      const answer = parser.feed(piece);
      if (answer.status === 'more') return;
      if (answer.status === 'bad') {
        refuse(answer.reason);
        return;
      }
      // Paused before anything is put back, or it would be emitted to nobody.
      socket.pause();
      if (answer.rest.length > 0) socket.unshift(answer.rest);
      settle(answer);
    };
    socket.on('data', onData);
    socket.once('close', onClose);
  });
}

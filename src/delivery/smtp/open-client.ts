/**
 * From a next hop to a connection on which a message can be sent.
 *
 * `opportunistic` encrypts when the peer offers it and takes any certificate; when the handshake
 * fails it connects again in clear (RFC 7435 §3), which the client then says. `required` sends nothing unless the certificate is valid
 * for the host's name. A Unix socket is never encrypted: it does not leave the machine.
 *
 * Callers: delivery/smtp/{transport,probe}. Rejects with an Error whose message says why there is
 * no connection; nothing is left open then.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { NextHop } from '../next-hop.js';
import { NextHopClient } from './client.js';
import type { Timeouts } from './timeouts.js';

export type TlsChoice = 'never' | 'opportunistic' | 'required';

export interface OpenOptions {
  readonly hop: NextHop;
  /** Our own name, said in EHLO and LHLO. */
  readonly hostname: string;
  readonly tls: TlsChoice;
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  /** PEM certificates that are trusted instead of those of the system; for tests. */
  readonly ca?: string;
}

/** The fault came between STARTTLS and the end of the handshake. */
class HandshakeFault extends Error {}

/** Some more than our own limits, which end the handshake first. */
const MARGIN_MS = 60_000;

function connectSocket(options: OpenOptions, signal: AbortSignal): Promise<Socket> {
  const { hop, clock, timeouts } = options;
  const { place } = hop;
  return new Promise((resolve, reject) => {
    const socket =
      place.kind === 'tcp' ? connect({ host: place.host, port: place.port }) : connect({ path: place.path });
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      socket.off('connect', opened);
    };
    const fail = (fault: Error): void => {
      settle();
      socket.destroy();
      reject(fault);
    };
    const opened = (): void => {
      settle();
      socket.off('error', fail);
      resolve(socket);
    };
    const stop = (): void => {
      fail(new Error('the attempt was ended'));
    };
    const cancel = clock.after(timeouts.connect, () => {
      fail(new Error(`no connection within ${Math.round(timeouts.connect / 1000)} s`));
    });
    socket.once('connect', opened);
    // Stays after a failure: a socket that is being destroyed may fail once more.
    socket.on('error', fail);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

async function open(options: OpenOptions, tls: TlsChoice, signal: AbortSignal): Promise<NextHopClient> {
  const { hop, hostname, clock, timeouts, ca } = options;
  const { greeting, command } = timeouts;
  const socket = await connectSocket(options, signal);
  const longest = greeting + command + MARGIN_MS;
  const client = new NextHopClient(
    {
      connection: socket,
      host: hop.place.kind === 'tcp' ? hop.place.host : 'localhost',
      name: hostname,
      lmtp: hop.protocol === 'lmtp',
      ignoreTLS: tls === 'never',
      requireTLS: tls === 'required',
      opportunisticTLS: tls === 'opportunistic',
      tls: { rejectUnauthorized: tls === 'required', ...(ca === undefined ? {} : { ca }) },
      connectionTimeout: longest,
      greetingTimeout: longest,
      socketTimeout: timeouts.dataEnd + longest,
    },
    clock,
  );
  const stop = (): void => {
    client.fail(new Error('the attempt was ended'));
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.open(greeting + command);
    return client;
  } catch (fault) {
    if (client.upgrading !== true) throw fault;
    throw new HandshakeFault(`TLS handshake: ${messageOf(fault)}`, { cause: fault });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Opens a connection as the setting for TLS wants it. */
export async function openClient(options: OpenOptions, signal: AbortSignal): Promise<NextHopClient> {
  const tls = options.hop.place.kind === 'unix' ? 'never' : options.tls;
  try {
    return await open(options, tls, signal);
  } catch (fault) {
    if (tls !== 'opportunistic' || !(fault instanceof HandshakeFault) || signal.aborted) throw fault;
    const client = await open(options, 'never', signal);
    client.isFallback = true;
    return client;
  }
}

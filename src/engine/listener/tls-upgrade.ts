/**
 * From a plain socket to an encrypted one, as the server (RFC 3207 §4, RFC 8314 §3.3).
 *
 * A handshake that fails, for whatever reason, ends this connection and nothing else: every way in
 * which the two sockets can report trouble is heard for as long as they live.
 *
 * Callers: connection.ts. Never rejects. How long a handshake may take is the caller's business,
 * who calls `cancel`.
 */
import type { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import type { TlsFacts } from '../session/session.js';

export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly tls: TlsFacts;
}

export interface Upgrade {
  /** Undefined when the handshake failed; both sockets are closed then. */
  readonly done: Promise<SecureSocket | undefined>;
  /** Ends both sockets, whatever state they are in. */
  cancel(): void;
}

function factsOf(socket: TLSSocket): TlsFacts {
  const { servername } = socket as TLSSocket & { readonly servername?: string | false | null };
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    serverName: typeof servername === 'string' ? servername : '',
  };
}

/** Shakes hands on a socket that nobody reads any more; `tell` hears why that failed. */
export function upgradeSocket(
  plain: Socket,
  options: TLSSocketOptions,
  tell: (reason: string) => void,
): Upgrade {
  const socket = new TLSSocket(plain, options);
  let isSettled = false;
  const done = new Promise<SecureSocket | undefined>((resolve) => {
    const failed = (error: Error): void => {
      // One handshake fails once; an error after it is that of a connection, told elsewhere.
      if (!isSettled) tell(error.message);
      isSettled = true;
      resolve(undefined);
      // The upper one first: taking the lower one away in the middle of a handshake is not safe.
      socket.destroy();
    };
    socket.on('error', failed);
    // Failures before the handshake is done come under this name.
    socket.on('_tlsError', failed);
    plain.on('error', failed);
    socket.once('close', () => {
      if (!isSettled) tell('the connection ended in the handshake');
      isSettled = true;
      resolve(undefined);
      plain.destroy();
    });
    // Once: a client may ask for a new handshake in the middle of a session.
    socket.once('secure', () => {
      isSettled = true;
      resolve({ socket, tls: factsOf(socket) });
    });
  });
  return {
    done,
    cancel: () => {
      // Our own doing, of which the end of the session tells.
      isSettled = true;
      socket.destroy();
    },
  };
}

/**
 * Who has arrived: the ends of the connection as the socket says, or as a trusted proxy does.
 *
 * Callers: server.ts and connection.ts.
 */
import type { Peer, SessionStart } from '../session/session.js';
import { UNKNOWN_ADDRESS } from '../session/trusted.js';
import type { ProxyHeader } from './proxy-gate.js';

/** What a session begins with. */
export type Arrival = Pick<SessionStart, 'id' | 'peer' | 'via' | 'tls'>;

/** `wire` holds the ends of the connection itself. */
export function arrivalOf(id: string, wire: Peer, header: ProxyHeader | undefined): Arrival {
  if (!header) return { id, peer: wire };
  const via = wire.remoteIp;
  if (header.status === 'local') {
    // A proxy that speaks for itself, for a health check, is a client like any other.
    if (header.speaker === 'proxy') return { id, peer: wire };
    return { id, via, peer: { ...wire, remoteIp: UNKNOWN_ADDRESS, remotePort: 0 } };
  }
  const { source, destination, tls } = header;
  const peer: Peer = {
    remoteIp: source.address,
    remotePort: source.port,
    localIp: destination.address,
    localPort: destination.port,
  };
  return {
    id,
    via,
    peer,
    // The proxy took the encryption off; it was there between the client and it.
    ...(tls ? { tls: { version: tls.version, cipher: tls.cipher, serverName: '' } } : {}),
  };
}

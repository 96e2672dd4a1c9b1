/**
 * The one spelling of an address that somebody else tells us about.
 *
 * The spelling is that of a socket: small letters, the longest run of zeros as `::`, and an IPv4
 * address that travels inside IPv6 (RFC 4291 §2.5.5.2) as the IPv4 address it is. Lists of
 * networks, counters and policies then see one address as one text, whichever way it came.
 *
 * Callers: proxy-protocol.ts, xclient.ts. Text that is no address gives `undefined`.
 */
import { SocketAddress, isIPv4, isIPv6 } from 'node:net';

export interface PeerAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const MAPPED = '::ffff:';

/** Reads an IPv4 or IPv6 address; zone indexes mean nothing outside their host and are refused. */
export function readPeerAddress(text: string): PeerAddress | undefined {
  if (isIPv4(text)) return { address: text, family: 4 };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const inner = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : '';
  return isIPv4(inner) ? { address: inner, family: 4 } : { address, family: 6 };
}

/** The address in 4 or 16 octets of network order. */
export function peerAddressOf(octets: Buffer): PeerAddress {
  if (octets.length === 4) return { address: octets.join('.'), family: 4 };
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(octets.readUInt16BE(at).toString(16));
  const text = groups.join(':');
  return readPeerAddress(text) ?? { address: text, family: 6 };
}

const PORT = /^(?:0|[1-9]\d{0,4})$/;

/** A decimal port from 0 to 65535 without leading zeros. */
export function readPort(text: string): number | undefined {
  const port = PORT.test(text) ? Number(text) : 65_536;
  return port <= 65_535 ? port : undefined;
}

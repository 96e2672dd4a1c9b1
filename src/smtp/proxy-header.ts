/**
 * Reads a whole header of the PROXY protocol: the line of version 1, the octets of version 2.
 *
 * Both forms are read to the letter. Families and transports that cannot carry SMTP are valid and
 * tell us nothing. Addresses come out in the spelling of peer-address.ts. Of the extensions only
 * the TLS description is read; the checksum is left to TCP.
 *
 * Callers: proxy-protocol.ts, which knows where the header ends. Format: the specification of
 * HAProxy, §2.1 and §2.2. Nothing here throws.
 */
import { type PeerAddress, peerAddressOf, readPeerAddress, readPort } from './peer-address.js';
import { type ProxyTls, readProxyTls } from './proxy-tls.js';

export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
}

/** Whom a header tells about. */
export type ProxyClient =
  | {
      readonly status: 'proxied';
      /** Family of the source. */
      readonly family: 4 | 6;
      readonly source: ProxyEndpoint;
      readonly destination: ProxyEndpoint;
      /** Present when the proxy says that it took TLS off the connection. */
      readonly tls?: ProxyTls;
    }
  | {
      /** The connection counts with its real addresses. */
      readonly status: 'local';
      /**
       * `proxy`: the proxy itself speaks, such as for a health check. `unknown`: somebody behind
       * it does, whose address it does not tell; what the proxy's address may do is not for them.
       */
      readonly speaker: 'proxy' | 'unknown';
    };

export interface ProxyRefusal {
  readonly status: 'bad';
  readonly reason: string;
}

export function badHeader(reason: string): ProxyRefusal {
  return { status: 'bad', reason };
}

const CR = 0x0d;

/** `PROXY UNKNOWN`, and then whatever the sender likes. */
const UNKNOWN = /^PROXY UNKNOWN(?: |$)/;

/** Six words, one space between them. */
const PROXIED = /^PROXY (TCP[46]) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+)$/;

/** An end of a connection as a line writes it; the protocol of the line dictates the form. */
function readEnd(protocol: string, address: string, port: string): (PeerAddress & ProxyEndpoint) | undefined {
  // By form, not by family: IPv6 text may carry an IPv4 address.
  if (address.includes(':') !== (protocol === 'TCP6')) return undefined;
  const peer = readPeerAddress(address);
  const number = readPort(port);
  return peer === undefined || number === undefined ? undefined : { ...peer, port: number };
}

/** `header` begins with `PROXY ` and ends at the first LF. */
export function readProxyLine(header: Buffer): ProxyClient | ProxyRefusal {
  const line = header.toString('latin1', 0, header.length - 2);
  if (header.at(-2) !== CR || line.includes('\r')) return badHeader('the PROXY line does not end in CR LF');
  if (UNKNOWN.test(line)) return { status: 'local', speaker: 'unknown' };
  const [, protocol = '', from = '', to = '', fromPort = '', toPort = ''] = PROXIED.exec(line) ?? [];
  const source = readEnd(protocol, from, fromPort);
  const destination = readEnd(protocol, to, toPort);
  if (!source || !destination) return badHeader('the PROXY line is malformed');
  return {
    status: 'proxied',
    family: source.family,
    source: { address: source.address, port: source.port },
    destination: { address: destination.address, port: destination.port },
  };
}

/** Signature, version and command, family and transport, length. */
export const PROXY_FIXED_OCTETS = 16;
const STREAM = 1;
/** Least room for the addresses of each family: none, IPv4, IPv6, UNIX. */
const ADDRESS_OCTETS = [0, 12, 36, 216];

/** Addresses, then ports, the source's first; `size` is the length of one address. */
function readAddresses(block: Buffer, size: 4 | 16): ProxyClient | ProxyRefusal {
  const ports = 2 * size;
  const source = peerAddressOf(block.subarray(0, size));
  const destination = peerAddressOf(block.subarray(size, ports));
  const tls = readProxyTls(block.subarray(ports + 4));
  if (tls === 'malformed') return badHeader('an extension of the PROXY header is cut short');
  return {
    status: 'proxied',
    family: source.family,
    source: { address: source.address, port: block.readUInt16BE(ports) },
    destination: { address: destination.address, port: block.readUInt16BE(ports + 2) },
    ...(tls === undefined ? {} : { tls }),
  };
}

/** `header` is the whole of one of version 2: its signature, version and length are as they should be. */
export function readProxyBinary(header: Buffer): ProxyClient | ProxyRefusal {
  const command = header.readUInt8(12) & 0x0f;
  if (command > 1) return badHeader(`command ${command} of the PROXY header is not known`);
  // What follows a LOCAL command has no meaning, not even its family.
  if (command === 0) return { status: 'local', speaker: 'proxy' };
  const family = header.readUInt8(13) >> 4;
  const transport = header.readUInt8(13) & 0x0f;
  const least = ADDRESS_OCTETS[family];
  if (least === undefined || transport > 2) return badHeader('the family of the PROXY header is not known');
  const block = header.subarray(PROXY_FIXED_OCTETS);
  if (transport !== 0 && block.length < least)
    return badHeader('the PROXY header is too short for its family');
  if (transport !== STREAM || family === 0 || family === 3) return { status: 'local', speaker: 'unknown' };
  return readAddresses(block, family === 1 ? 4 : 16);
}

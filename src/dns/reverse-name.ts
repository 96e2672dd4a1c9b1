/**
 * Names under which an address is looked up: reverse zones and block lists.
 *
 * IPv4 turns its octets round, IPv6 its nibbles; a mapped IPv6 address is looked up as IPv4.
 *
 * Callers: checks. Text that is no address gives `undefined`.
 * RFC 1035 §3.5, RFC 3596 §2.5, RFC 5782 §2.1, RFC 5782 §2.4.
 */
import { type IpAddress, parseIpAddress } from './ip-address.js';

/** `192.0.2.1` gives `1.2.0.192`; an IPv6 address gives 32 nibbles. */
export function reverseLabels(ip: string): string | undefined {
  const address = parseIpAddress(ip);
  return address && addressLabels(address);
}

/** The name that holds the PTR records: `1.2.0.192.in-addr.arpa`, or nibbles under `ip6.arpa`. */
export function reverseName(ip: string): string | undefined {
  const address = parseIpAddress(ip);
  if (!address) return undefined;
  return `${addressLabels(address)}.${address.family === 4 ? 'in-addr.arpa' : 'ip6.arpa'}`;
}

/** The same for octets that stay what they are: a mapped address given as IPv6 gives nibbles. */
export function addressLabels(address: IpAddress): string {
  if (address.family === 4) return [...address.octets].reverse().join('.');
  const nibbles = address.octets.flatMap((octet) => [octet >> 4, octet & 15]);
  return nibbles
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.');
}

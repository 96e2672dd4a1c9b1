/**
 * By what a client is known where clients are counted.
 *
 * One customer has a whole /64 of IPv6, so whoever counts single addresses of it counts nothing.
 * An IPv4 address inside IPv6 is the IPv4 address.
 *
 * Callers: whoever limits something per client: connections, wrong passwords. Never fails: text
 * that is no address is its own key, cut to a length that nobody can make memory of.
 */
import { isIPv4 } from 'node:net';
import { formatIpAddress, parseIpAddress } from './ip-address.js';

const LONGEST_KEY = 64;

/** Its IPv4 address, or the /64 of its IPv6 address. */
export function clientKey(remoteIp: string): string {
  // Nearly all of them, and their own key.
  if (isIPv4(remoteIp)) return remoteIp;
  const address = parseIpAddress(remoteIp);
  if (!address) return remoteIp.slice(0, LONGEST_KEY);
  if (address.family === 4) return formatIpAddress(address);
  const network = address.octets.map((octet, index) => (index < 8 ? octet : 0));
  return `${formatIpAddress({ family: 6, octets: network })}/64`;
}

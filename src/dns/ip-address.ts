/**
 * IP addresses as octets.
 *
 * One reading for all of DNS: an IPv4-mapped IPv6 address is the IPv4 address it carries, a zone
 * index (`%eth0`) belongs to the host and is dropped. Written by hand because the address library
 * in use takes `::192.0.2.1` for a mapped address, which it is not.
 *
 * Callers: reverse names, checks. Text that is no address gives `undefined`. RFC 4291 §2.2.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 octets, in network order. */
  readonly octets: readonly number[];
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, octets: text.split('.').map(Number) };
  const plain = text.split('%', 1)[0] ?? '';
  if (!isIPv6(plain)) return undefined;
  const octets = ipv6Octets(plain);
  const mapped = MAPPED_PREFIX.every((octet, index) => octets[index] === octet);
  return mapped ? { family: 4, octets: octets.slice(12) } : { family: 6, octets };
}

/** The one printed form per address: dotted quad, or eight hexadecimal groups without `::`. */
export function formatIpAddress(address: IpAddress): string {
  if (address.family === 4) return address.octets.join('.');
  const groups: string[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push((((address.octets[index] ?? 0) << 8) | (address.octets[index + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}

export function isSameAddress(one: IpAddress, other: IpAddress): boolean {
  return one.family === other.family && one.octets.every((octet, index) => octet === other.octets[index]);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: IpAddress): boolean {
  if (address.family === 4) return address.octets[0] === 127;
  return address.octets.every((octet, index) => octet === (index === 15 ? 1 : 0));
}

/** `text` has passed isIPv6 and carries no zone. */
function ipv6Octets(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const front = groupsToOctets(head);
  if (tail === undefined) return front;
  const back = groupsToOctets(tail);
  return [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back];
}

function groupsToOctets(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

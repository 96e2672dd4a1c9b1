/**
 * What greylisting takes for the same triplet: client network, sender, recipient.
 *
 * Large senders retry from a neighbouring address, so a client is its network. Mailing lists and
 * bounce protection put a number or a tag into the sender that changes with each message, so those
 * are folded: BATV's `prvs=` tag goes (`prvs=123abc456=ann` is `ann`), the hash and time of SRS go,
 * and within the local part every run of digits between separators becomes `#`, as does each hex
 * word of eight or more with a digit in it, and each longer jumble of 20 characters or more.
 * Addresses are compared without regard to letter case. The null sender is a sender of its own.
 * A triplet is kept as a hash: rows are of one size whatever a stranger sends, and no address of
 * anybody lies in the store.
 *
 * Callers: checks/greylist. Everything here is linear in the length of the address.
 */
import { createHash } from 'node:crypto';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';

export interface Prefixes {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** The network of an address, such as `192.0.2.0/24`; text that is no address stands for itself. */
export function networkOf(ip: string, prefixes: Prefixes): string {
  const address = parseIpAddress(ip);
  if (!address) return digest(ip);
  const bits = address.family === 4 ? prefixes.ipv4 : prefixes.ipv6;
  const octets = address.octets.map((octet, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return octet & (0xff << (8 - kept));
  });
  return `${formatIpAddress({ family: address.family, octets })}/${bits}`;
}

/** Characters between which the parts of a made-up local part stand. */
const SEPARATORS = /([-+=._/])/;
const DIGITS = /^\d+$/;
const HEX_WORD = /^(?=[a-f]*\d)[0-9a-f]{8,}$/;
const LONG_JUMBLE = 20;

function foldWord(word: string): string {
  if (DIGITS.test(word) || HEX_WORD.test(word)) return '#';
  return word.length >= LONG_JUMBLE && /\d/.test(word) ? '#' : word;
}

/** SRS0=hash=time=domain=local, SRS1=hash=host==hash=time=domain=local: what stays is whose mail it is. */
function foldSrs(local: string): string {
  if (!/^srs[01][-+=]/.test(local)) return local;
  const words = local.split('=');
  // The separator after the scheme may be another one, and then stands in the first word.
  const parts = words[0]?.length === 4 ? words.slice(1) : [words[0]?.slice(5) ?? '', ...words.slice(1)];
  return local.startsWith('srs0') ? parts.slice(2).join('=') : [parts[1], ...parts.slice(5)].join('=');
}

/** The tag of BATV, `prvs=KDDDSSSSSS=`; a tag of another length is part of the address. */
const BATV = /^prvs=[0-9a-z]{8,12}=/;

/** The sender as a triplet knows it. */
export function foldSender(address: string): string {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 0) return lower;
  const local = foldSrs(lower.slice(0, at).replace(BATV, ''));
  const folded = local.split(SEPARATORS).map(foldWord).join('');
  return `${folded}${lower.slice(at)}`;
}

/** 128 bits; nobody finds another triplet with the same. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

export function tripletKey(network: string, sender: string, recipient: string): string {
  // None of the three can hold a line end, so no two triplets read alike.
  return digest(`${network}\n${foldSender(sender)}\n${recipient.toLowerCase()}`);
}

/**
 * Labels of names as text, and back.
 *
 * A label is octets, of which any may occur. Text that is UTF-8 stands for itself, a backslash and a
 * control character included. What text cannot say is a dot inside a label, and octets that are no
 * UTF-8: each becomes the lone surrogate U+DC00 plus the octet. No text that was decoded from octets
 * holds one, so nothing that a client says can be mistaken for it, and no host name has one.
 *
 * Callers: read-name, query-packet. RFC 2181 §11 (any octet), RFC 1035 §3.1, RFC 3629 §3.
 */
import { isUtf8 } from 'node:buffer';

const DOT = 0x2e;
const FIRST_BEYOND_ASCII = 0x80;
const ODD = 0xdc00;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The octets from `from` to before `to`, as they stand in names. */
export function labelText(packet: Buffer, from: number, to: number): string {
  for (let at = from; at < to; at++) {
    const octet = packet[at] ?? 0;
    if (octet === DOT || octet >= FIRST_BEYOND_ASCII) return unusualText(packet.subarray(from, to));
  }
  return packet.toString('latin1', from, to);
}

function unusualText(octets: Buffer): string {
  if (isUtf8(octets)) return octets.toString().replaceAll('.', String.fromCharCode(ODD + DOT));
  let text = '';
  for (const octet of octets) {
    const isOdd = octet === DOT || octet >= FIRST_BEYOND_ASCII;
    text += String.fromCharCode(isOdd ? ODD + octet : octet);
  }
  return text;
}

/** Whether a name holds an octet that text cannot say. */
export function isOddName(name: string): boolean {
  return LONE_SURROGATE.test(name);
}

/** The octets of a label of an odd name. */
export function oddLabelOctets(label: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of label) {
    const code = character.charCodeAt(0);
    const isOctet = character.length === 1 && code >= ODD && code <= ODD + 0xff;
    parts.push(isOctet ? Buffer.from([code - ODD]) : Buffer.from(character));
  }
  return Buffer.concat(parts);
}

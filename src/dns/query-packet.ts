/**
 * Questions as octets.
 *
 * A name goes out as it was given: any octets, UTF-8 for what is not ASCII, split at dots. The one
 * demand is that it fits the format (labels of 1 to 63 octets, 255 in all). Asked are recursion,
 * the validation bit and answers of up to 1232 octets by UDP, which no path in use fragments.
 *
 * Callers: the UDP resolver. RFC 1035 §4.1, RFC 6891 §6.1, RFC 6840 §5.7.
 */
import type { RecordType } from './resolver.js';

export const TYPE_CODES: Readonly<Record<RecordType, number>> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 };

const CLASS_IN = 1;
const HEADER_SIZE = 12;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;
/** Recursion desired (RD) and authentic data (AD). */
const FLAGS = 0x0120;
/** Root name, type OPT, 1232 octets, no extended code, no flags, no options. */
const EDNS = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);

export interface DnsQuery {
  readonly name: string;
  readonly type: RecordType;
  /** The question section: name, type, class. */
  readonly question: Buffer;
  /** Whether the question carries EDNS; some old servers refuse it. */
  readonly edns: boolean;
}

/** `undefined` when no packet can hold the name. */
export function createQuery(name: string, type: RecordType): DnsQuery | undefined {
  const encoded = encodeName(name);
  if (!encoded) return undefined;
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(TYPE_CODES[type], 0);
  tail.writeUInt16BE(CLASS_IN, 2);
  return { name, type, question: Buffer.concat([encoded, tail]), edns: true };
}

/** The same question for a server that does not know EDNS. */
export function withoutEdns(query: DnsQuery): DnsQuery {
  return { ...query, edns: false };
}

export function encodeQuery(query: DnsQuery, id: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(FLAGS, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(query.edns ? 1 : 0, 10);
  return Buffer.concat(query.edns ? [header, query.question, EDNS] : [header, query.question]);
}

/**
 * Whether `packet` answers `query`: a response that repeats the question, letter case aside. A
 * refusal may leave the question out, and says nothing but that this server will not help.
 * The id is the business of the socket that keeps it.
 */
export function isAnswerTo(packet: Buffer, query: DnsQuery): boolean {
  if (packet.length < HEADER_SIZE) return false;
  const flags = packet.readUInt16BE(2);
  const isResponse = (flags & 0x8000) !== 0;
  const opcode = (flags >> 11) & 15;
  if (!isResponse || opcode !== 0) return false;
  const questions = packet.readUInt16BE(4);
  if (questions === 0) return isRefusal(flags & 15);
  return questions === 1 && repeats(packet, query.question);
}

/** Any code but success (0) and "no such name" (3). */
function isRefusal(rcode: number): boolean {
  return rcode !== 0 && rcode !== 3;
}

function repeats(packet: Buffer, question: Buffer): boolean {
  if (packet.length < HEADER_SIZE + question.length) return false;
  return question.every((octet, index) => fold(octet) === fold(packet[HEADER_SIZE + index] ?? 0));
}

/** Folding lengths and type codes as well is harmless: both sides are folded alike and lengths are below 64. */
function fold(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** A final dot is allowed; an empty name is refused, the root is `.`. */
function encodeName(name: string): Buffer | undefined {
  // A character takes one octet at least: what is longer than this cannot fit, whatever it holds.
  if (name === '' || name.length > LONGEST_NAME) return undefined;
  if (name === '.') return Buffer.from([0]);
  const parts: Buffer[] = [];
  for (const label of (name.endsWith('.') ? name.slice(0, -1) : name).split('.')) {
    const octets = Buffer.from(label, 'utf8');
    if (octets.length === 0 || octets.length > LONGEST_LABEL) return undefined;
    parts.push(Buffer.from([octets.length]), octets);
  }
  const encoded = Buffer.concat([...parts, Buffer.from([0])]);
  return encoded.length <= LONGEST_NAME ? encoded : undefined;
}

/**
 * Questions as octets.
 *
 * A name goes out as it was given: any octets, UTF-8 for what is not ASCII, split at dots; what text
 * cannot say is written as it is read from answers (label-text). The one demand is that it fits the
 * format (labels of 1 to 63 octets, 255 in all). Asked are recursion, the validation bit and answers
 * of up to 1232 octets by UDP, which no path in use fragments.
 *
 * Callers: the UDP resolver. RFC 1035 §4.1, RFC 6891 §6.1, RFC 6840 §5.7.
 */
import { isOddName, oddLabelOctets } from './label-text.js';
import { NameReader } from './read-name.js';
import type { RecordType } from './resolver.js';

export const TYPE_CODES: Readonly<Record<RecordType, number>> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 };

export const CLASS_IN = 1;
const HEADER_SIZE = 12;
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;
/** Recursion desired (RD) and authentic data (AD). */
const FLAGS = 0x0120;
/** Root name, type OPT, 1232 octets, no extended code, no flags, no options. */
const EDNS = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);

export interface DnsQuery<T extends RecordType = RecordType> {
  readonly name: string;
  readonly type: T;
  /** The question section: name, type, class. */
  readonly question: Buffer;
  /** Whether the question carries EDNS; some old servers refuse it. */
  readonly edns: boolean;
}

/** `undefined` when no packet can hold the name. */
export function createQuery<T extends RecordType>(name: string, type: T): DnsQuery<T> | undefined {
  // The name, the type and the class.
  const question = Buffer.allocUnsafe(LONGEST_NAME + 4);
  const end = writeName(name, question);
  if (end === undefined) return undefined;
  question.writeUInt16BE(TYPE_CODES[type], end);
  question.writeUInt16BE(CLASS_IN, end + 2);
  return { name, type, question: question.subarray(0, end + 4), edns: true };
}

/** The same question for a server that does not know EDNS. */
export function withoutEdns<T extends RecordType>(query: DnsQuery<T>): DnsQuery<T> {
  return { ...query, edns: false };
}

export function encodeQuery(query: DnsQuery, id: number): Buffer {
  const { question, edns } = query;
  const packet = Buffer.allocUnsafe(HEADER_SIZE + question.length + (edns ? EDNS.length : 0));
  packet.writeUInt16BE(id, 0);
  packet.writeUInt16BE(FLAGS, 2);
  packet.writeUInt16BE(1, 4);
  packet.writeUInt32BE(0, 6);
  packet.writeUInt16BE(edns ? 1 : 0, 10);
  packet.set(question, HEADER_SIZE);
  if (edns) packet.set(EDNS, HEADER_SIZE + question.length);
  return packet;
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
  for (let index = 0; index < question.length; index++) {
    const one = question[index] ?? 0;
    const other = packet[HEADER_SIZE + index] ?? 0;
    if (one !== other && fold(one) !== fold(other)) return false;
  }
  return true;
}

/** Folding lengths and type codes as well is harmless: both sides are folded alike and lengths are below 64. */
function fold(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/**
 * Writes the name at the start of `into` and tells where it ends; `undefined` when it does not fit
 * the format. A final dot is allowed; an empty name is refused, the root is `.`.
 */
function writeName(name: string, into: Buffer): number | undefined {
  // A character takes one octet at least: what is longer than this cannot fit, whatever it holds.
  if (name === '' || name.length > LONGEST_NAME) return undefined;
  const plain = name.endsWith('.') ? name.slice(0, -1) : name;
  const isOdd = isOddName(plain);
  let at = 0;
  for (const label of name === '.' ? [] : plain.split('.')) {
    const octets = isOdd ? oddLabelOctets(label) : Buffer.from(label);
    const next = at + 1 + octets.length;
    // One octet must remain for the root.
    if (octets.length === 0 || octets.length > LONGEST_LABEL || next >= LONGEST_NAME) return undefined;
    into[at] = octets.length;
    into.set(octets, at + 1);
    at = next;
  }
  into[at] = 0;
  // Only one text stands for these octets: the one that an answer will hold.
  if (isOdd && new NameReader(into).read(0) !== plain) return undefined;
  return at + 1;
}

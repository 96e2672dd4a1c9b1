/**
 * Records out of a packet.
 *
 * Data is read for the types that are asked for, and only in its own bounds: a record whose data
 * is longer or shorter than its length says is malformed, and the packet with it. The data of other
 * types is never looked into.
 *
 * Callers: response-packet. RFC 1035 §3.2.1, RFC 1035 §3.3, RFC 3596 §2.2, RFC 2181 §8, RFC 5952 §4.
 */
import { CLASS_IN, TYPE_CODES } from './query-packet.js';
import type { NameReader } from './read-name.js';
import type { RecordData, RecordType } from './resolver.js';

type WantedType = RecordType | 'CNAME';
interface WantedData extends RecordData {
  readonly CNAME: string;
}

/** A record of a type that we ask for, or an alias. */
export type DnsRecord = {
  [T in WantedType]: {
    readonly type: T;
    readonly name: string;
    readonly ttlSeconds: number;
    readonly data: WantedData[T];
  };
}[WantedType];

/** All of a record but its data, which lies between `dataAt` and `end`. */
export interface RecordHead {
  readonly name: string;
  readonly typeCode: number;
  readonly classCode: number;
  /** As it was sent: an OPT record keeps other things here. */
  readonly ttl: number;
  readonly dataAt: number;
  readonly end: number;
}

const TYPE_CNAME = 5;
/** Type, class, TTL and length. */
const FIXED_SIZE = 10;
const IPV4_SIZE = 4;
const IPV6_SIZE = 16;
/** Five numbers of four octets after the names of an SOA, the last of them the negative TTL. */
const SOA_NUMBERS_SIZE = 20;
const LARGEST_TTL = 0x7fff_ffff;

/** `undefined` when the packet ends before the record does, or its name is none. */
export function readHead(packet: Buffer, names: NameReader, at: number): RecordHead | undefined {
  const name = names.read(at);
  const dataAt = names.end + FIXED_SIZE;
  if (name === undefined || dataAt > packet.length) return undefined;
  const end = dataAt + packet.readUInt16BE(dataAt - 2);
  if (end > packet.length) return undefined;
  return {
    name,
    typeCode: packet.readUInt16BE(dataAt - 10),
    classCode: packet.readUInt16BE(dataAt - 8),
    ttl: packet.readUInt32BE(dataAt - 6),
    dataAt,
    end,
  };
}

/** The record, `other` for a type or class that nobody asks for, `undefined` for malformed data. */
export function readRecord(
  packet: Buffer,
  names: NameReader,
  head: RecordHead,
): DnsRecord | 'other' | undefined {
  if (head.classCode !== CLASS_IN) return 'other';
  switch (head.typeCode) {
    case TYPE_CODES.A:
      return withData(head, 'A', readIpv4(packet, head));
    case TYPE_CNAME:
      return withData(head, 'CNAME', readTarget(names, head.dataAt, head.end));
    case TYPE_CODES.PTR:
      return withData(head, 'PTR', readTarget(names, head.dataAt, head.end));
    case TYPE_CODES.MX: {
      const exchange = readTarget(names, head.dataAt + 2, head.end);
      if (exchange === undefined) return undefined;
      return withData(head, 'MX', { preference: packet.readUInt16BE(head.dataAt), exchange });
    }
    case TYPE_CODES.TXT:
      return withData(head, 'TXT', readStrings(packet, head));
    case TYPE_CODES.AAAA:
      return withData(head, 'AAAA', readIpv6(packet, head));
    default:
      return 'other';
  }
}

/** How long "there is nothing" may be believed, says this SOA record; `undefined` when it is malformed. */
export function readNegativeTtl(packet: Buffer, names: NameReader, head: RecordHead): number | undefined {
  if (names.read(head.dataAt) === undefined || names.read(names.end) === undefined) return undefined;
  if (names.end + SOA_NUMBERS_SIZE !== head.end) return undefined;
  return Math.min(cleanTtl(head.ttl), cleanTtl(packet.readUInt32BE(head.end - 4)));
}

function withData<T extends WantedType>(
  { name, ttl }: RecordHead,
  type: T,
  data: WantedData[T] | undefined,
): DnsRecord | undefined {
  return data === undefined ? undefined : ({ type, name, ttlSeconds: cleanTtl(ttl), data } as DnsRecord);
}

/** A time with the top bit set counts as 0. */
function cleanTtl(ttl: number): number {
  return ttl > LARGEST_TTL ? 0 : ttl;
}

/** A name that fills the data to its end. */
function readTarget(names: NameReader, at: number, end: number): string | undefined {
  const name = names.read(at);
  return names.end === end ? name : undefined;
}

function readIpv4(packet: Buffer, { dataAt, end }: RecordHead): string | undefined {
  return end - dataAt === IPV4_SIZE ? packet.subarray(dataAt, end).join('.') : undefined;
}

const RUNS_OF_ZERO = /:(?:0:){2,}/g;

/** The longest run of zeros is left out, the first of equal ones. */
function readIpv6(packet: Buffer, { dataAt, end }: RecordHead): string | undefined {
  if (end - dataAt !== IPV6_SIZE) return undefined;
  let groups = ':';
  for (let at = dataAt; at < end; at += 2) groups += `${packet.readUInt16BE(at).toString(16)}:`;
  let longest = '';
  for (const [run] of groups.matchAll(RUNS_OF_ZERO)) if (run.length > longest.length) longest = run;
  if (longest === '') return groups.slice(1, -1);
  const [front = '', ...back] = groups.split(longest);
  return `${front.slice(1)}::${back.join(longest).slice(0, -1)}`;
}

/**
 * The strings of one record belong together without a space; a character may span two of them.
 * What is no UTF-8 is U+FFFD. No string at all counts as one that is empty.
 */
function readStrings(packet: Buffer, { dataAt, end }: RecordHead): string | undefined {
  const first = packet[dataAt] ?? 0;
  if (dataAt + 1 + first === end) return packet.toString('utf8', dataAt + 1, end);
  const strings: Buffer[] = [];
  let at = dataAt;
  while (at < end) {
    const next = at + 1 + (packet[at] ?? 0);
    if (next > end) return undefined;
    strings.push(packet.subarray(at + 1, next));
    at = next;
  }
  return Buffer.concat(strings).toString('utf8');
}

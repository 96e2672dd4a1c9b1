/**
 * Answers from octets.
 *
 * Everything here came from the network. A packet that does not decode is a value, not an
 * exception; counts that the packet is too short to fill are refused before anything is allocated
 * for them; addresses that are none are dropped with the packet.
 *
 * Callers: the UDP resolver. RFC 1035 §4.1, RFC 2181 §8, RFC 2308 §5.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { type Answer, type DecodedPacket, decode } from 'dns-packet';
import { messageOf } from '../core/errors.js';
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

export interface DnsResponse {
  /** 0 success, 2 server failure, 3 no such name, 5 refused; extended codes are above 15. */
  readonly rcode: number;
  readonly truncated: boolean;
  /** The server says that it validated the data (AD). */
  readonly authentic: boolean;
  readonly answers: readonly DnsRecord[];
  /** How long "there is nothing" may be believed; absent when the server did not say. */
  readonly negativeTtlSeconds: number | undefined;
  /** The server names others to ask instead of answering. */
  readonly referral: boolean;
}

export type DecodedResponse =
  | { readonly status: 'decoded'; readonly response: DnsResponse }
  | { readonly status: 'malformed'; readonly detail: string };

const HEADER_SIZE = 12;
/** Root name, type and class. */
const SMALLEST_QUESTION = 5;
/** Root name, type, class, TTL, length. */
const SMALLEST_RECORD = 11;
const LARGEST_TTL = 0x7fff_ffff;

export function decodeResponse(packet: Buffer): DecodedResponse {
  const flaw = flawOfCounts(packet);
  if (flaw !== undefined) return { status: 'malformed', detail: flaw };
  // A cut packet may end inside a record, and what it does hold is not used anyway.
  if (isTruncated(packet)) return { status: 'decoded', response: emptyResponse(packet) };
  try {
    const decoded = decode(packet);
    if (!(decode.bytes <= packet.length))
      return { status: 'malformed', detail: 'records end beyond the packet' };
    return { status: 'decoded', response: toResponse(packet, decoded) };
  } catch (error) {
    return { status: 'malformed', detail: messageOf(error) };
  }
}

/** A packet of 12 octets may claim a quarter of a million records. */
function flawOfCounts(packet: Buffer): string | undefined {
  if (packet.length < HEADER_SIZE) return 'shorter than a header';
  const records = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  const least = HEADER_SIZE + packet.readUInt16BE(4) * SMALLEST_QUESTION + records * SMALLEST_RECORD;
  return least > packet.length ? 'more records announced than fit' : undefined;
}

function isTruncated(packet: Buffer): boolean {
  return (packet.readUInt16BE(2) & 0x0200) !== 0;
}

function emptyResponse(packet: Buffer): DnsResponse {
  return {
    rcode: packet.readUInt16BE(2) & 15,
    truncated: true,
    authentic: false,
    answers: [],
    negativeTtlSeconds: undefined,
    referral: false,
  };
}

function toResponse(packet: Buffer, decoded: DecodedPacket): DnsResponse {
  const answers: DnsRecord[] = [];
  for (const answer of decoded.answers ?? []) {
    const record = toRecord(answer);
    if (record) answers.push(record);
  }
  const authorities = decoded.authorities ?? [];
  const negativeTtlSeconds = negativeTtl(authorities);
  return {
    rcode: (extendedRcode(decoded.additionals ?? []) << 4) | (packet.readUInt16BE(2) & 15),
    truncated: false,
    authentic: decoded.flag_ad,
    answers,
    negativeTtlSeconds,
    referral:
      negativeTtlSeconds === undefined &&
      !decoded.flag_aa &&
      authorities.some((answer) => answer.type === 'NS'),
  };
}

function toRecord(answer: Answer): DnsRecord | undefined {
  if (answer.type === 'OPT' || answer.class !== 'IN') return undefined;
  const head = { name: answer.name, ttlSeconds: cleanTtl(answer.ttl) };
  switch (answer.type) {
    case 'A':
      if (!isIPv4(answer.data)) throw new Error('an A record holds no address');
      return { ...head, type: 'A', data: answer.data };
    case 'AAAA':
      if (!isIPv6(answer.data)) throw new Error('an AAAA record holds no address');
      return { ...head, type: 'AAAA', data: answer.data };
    case 'PTR':
    case 'CNAME':
      return { ...head, type: answer.type, data: answer.data };
    case 'MX':
      return {
        ...head,
        type: 'MX',
        data: { preference: answer.data.preference ?? 0, exchange: answer.data.exchange },
      };
    case 'TXT':
      return { ...head, type: 'TXT', data: joinStrings(answer.data) };
    default:
      return undefined;
  }
}

/** The strings of one record belong together without a space; a character may span two of them. */
function joinStrings(strings: string | Buffer | readonly (string | Buffer)[]): string {
  const list = Array.isArray(strings) ? strings : [strings];
  return Buffer.concat(
    list.map((part: string | Buffer) => (typeof part === 'string' ? Buffer.from(part) : part)),
  ).toString('utf8');
}

/** A time with the top bit set counts as 0. */
function cleanTtl(ttl: number | undefined): number {
  return ttl === undefined || ttl > LARGEST_TTL ? 0 : ttl;
}

function negativeTtl(authorities: readonly Answer[]): number | undefined {
  for (const answer of authorities) {
    if (answer.type === 'SOA') return Math.min(cleanTtl(answer.ttl), cleanTtl(answer.data.minimum));
  }
  return undefined;
}

function extendedRcode(additionals: readonly Answer[]): number {
  for (const answer of additionals) {
    if (answer.type === 'OPT') return answer.extendedRcode;
  }
  return 0;
}

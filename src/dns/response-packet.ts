/**
 * Answers from octets.
 *
 * Everything here came from the network. A packet that does not decode is a value, not an
 * exception; counts that the packet is too short to fill are refused before anything is read; the
 * work is linear in the packet, whatever it holds. One bad record spoils the packet.
 *
 * Callers: the UDP resolver. RFC 1035 §4.1, RFC 2308 §5, RFC 6891 §6.1.3.
 */
import { CLASS_IN } from './query-packet.js';
import { NameReader } from './read-name.js';
import { type DnsRecord, type RecordHead, readHead, readNegativeTtl, readRecord } from './read-record.js';

export type { DnsRecord };

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
const TYPE_AND_CLASS_SIZE = 4;
/** Root name, type, class, TTL, length. */
const SMALLEST_RECORD = 11;
const TYPE_NS = 2;
const TYPE_SOA = 6;
const TYPE_OPT = 41;
const TRUNCATED = 0x0200;
const AUTHORITATIVE = 0x0400;
const AUTHENTIC = 0x0020;

/** `names`: one made for this packet. */
export function decodeResponse(packet: Buffer, names: NameReader = new NameReader(packet)): DecodedResponse {
  const flaw = flawOfCounts(packet);
  if (flaw !== undefined) return { status: 'malformed', detail: flaw };
  // A cut packet may end inside a record, and what it does hold is not used anyway.
  if (isTruncated(packet)) return { status: 'decoded', response: emptyResponse(packet) };
  const response = new Reading(packet, names).response();
  if (response) return { status: 'decoded', response };
  return { status: 'malformed', detail: names.flaw === '' ? 'a record that does not fit' : names.flaw };
}

/** A packet of 12 octets may claim a quarter of a million records. */
function flawOfCounts(packet: Buffer): string | undefined {
  if (packet.length < HEADER_SIZE) return 'shorter than a header';
  const records = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  const least = HEADER_SIZE + packet.readUInt16BE(4) * SMALLEST_QUESTION + records * SMALLEST_RECORD;
  return least > packet.length ? 'more records announced than fit' : undefined;
}

function isTruncated(packet: Buffer): boolean {
  return (packet.readUInt16BE(2) & TRUNCATED) !== 0;
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

/** One packet, read from its beginning to its end. */
class Reading {
  readonly #packet: Buffer;
  readonly #names: NameReader;
  #at = HEADER_SIZE;
  readonly #answers: DnsRecord[] = [];
  #negativeTtlSeconds: number | undefined;
  #namesServers = false;
  #extendedRcode: number | undefined;

  constructor(packet: Buffer, names: NameReader) {
    this.#packet = packet;
    this.#names = names;
  }

  /** `undefined` when the packet is malformed. */
  response(): DnsResponse | undefined {
    const isSound =
      this.#skipQuestions() &&
      this.#section(6, (head) => this.#takeAnswer(head)) &&
      this.#section(8, (head) => this.#takeAuthority(head)) &&
      this.#section(10, (head) => this.#takeAdditional(head));
    if (!isSound) return undefined;
    const flags = this.#packet.readUInt16BE(2);
    const isReferral =
      this.#negativeTtlSeconds === undefined && (flags & AUTHORITATIVE) === 0 && this.#namesServers;
    return {
      rcode: ((this.#extendedRcode ?? 0) << 4) | (flags & 15),
      truncated: false,
      authentic: (flags & AUTHENTIC) !== 0,
      answers: this.#answers,
      negativeTtlSeconds: this.#negativeTtlSeconds,
      referral: isReferral,
    };
  }

  #skipQuestions(): boolean {
    for (let left = this.#packet.readUInt16BE(4); left > 0; left--) {
      if (this.#names.read(this.#at) === undefined) return false;
      this.#at = this.#names.end + TYPE_AND_CLASS_SIZE;
    }
    return this.#at <= this.#packet.length;
  }

  /** Hands over as many records as the header counts; `take` says whether one is sound. */
  #section(countAt: number, take: (head: RecordHead) => boolean): boolean {
    for (let left = this.#packet.readUInt16BE(countAt); left > 0; left--) {
      const head = readHead(this.#packet, this.#names, this.#at);
      if (!head || !take(head)) return false;
      this.#at = head.end;
    }
    return true;
  }

  #takeAnswer(head: RecordHead): boolean {
    const record = readRecord(this.#packet, this.#names, head);
    if (record && record !== 'other') this.#answers.push(record);
    return record !== undefined;
  }

  #takeAuthority(head: RecordHead): boolean {
    if (head.classCode !== CLASS_IN) return true;
    if (head.typeCode === TYPE_NS) this.#namesServers = true;
    if (head.typeCode !== TYPE_SOA || this.#negativeTtlSeconds !== undefined) return true;
    this.#negativeTtlSeconds = readNegativeTtl(this.#packet, this.#names, head);
    return this.#negativeTtlSeconds !== undefined;
  }

  #takeAdditional(head: RecordHead): boolean {
    if (head.typeCode === TYPE_OPT) this.#extendedRcode ??= head.ttl >>> 24;
    return true;
  }
}

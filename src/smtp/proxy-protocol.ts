/**
 * The header that a proxy puts before the client's octets: PROXY protocol, versions 1 and 2.
 *
 * Fed piece by piece, cut anywhere. At most a line of 107 octets (version 1) or PROXY_OCTETS
 * (version 2) is held, and what cannot become a header is refused at the octet that shows it.
 *
 * Callers: engine/listener, on connections from trusted proxies and on every one of them: the
 * header can say anything, and whether one comes is not to be guessed. After `bad` the connection
 * has to end; how long a header may take is the caller's business. Format: the specification of
 * HAProxy, §2. Nothing here throws.
 */
import {
  badHeader,
  PROXY_FIXED_OCTETS,
  type ProxyClient,
  type ProxyRefusal,
  readProxyBinary,
  readProxyLine,
} from './proxy-header.js';

export type ProxyAnswer =
  | { readonly status: 'more' }
  | ProxyRefusal
  | (ProxyClient & {
      /** Octets of the whole header, also those of earlier pieces. */
      readonly consumed: number;
      /** What the last piece holds after the header: the first octets of the client. */
      readonly rest: Buffer;
    });

export interface ProxyParser {
  /** Takes the next octets. After any answer but `more` it is not to be fed again. */
  feed(piece: Buffer): ProxyAnswer;
}

/** Longest line of version 1, with its line end. */
export const PROXY_LINE_OCTETS = 107;

/**
 * Longest header of version 2 that is taken. The format is meant to fit into one segment of 536
 * octets; twice that leaves room for talkative extensions.
 */
export const PROXY_OCTETS = 1072;

const WORD = Buffer.from('PROXY ', 'latin1');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const LF = 0x0a;

/** Whether the octets so far are a beginning of `mark`, or begin with it. */
function begins(held: Buffer, mark: Buffer): boolean {
  const length = Math.min(held.length, mark.length);
  return held.compare(mark, 0, length, 0, length) === 0;
}

/** Length of the header; 0 while it is not known. */
type Measure = number | ProxyRefusal;

function measureLine(held: Buffer): Measure {
  const end = held.indexOf(LF);
  if (end >= 0) return end + 1;
  return held.length < PROXY_LINE_OCTETS
    ? 0
    : badHeader(`the PROXY line does not end within ${PROXY_LINE_OCTETS} octets`);
}

function measureBinary(held: Buffer): Measure {
  // The version is judged as soon as it is there, before anything is believed about a length.
  if (held.length > 12 && held.readUInt8(12) >> 4 !== 2) return badHeader('the PROXY version is not 2');
  if (held.length < PROXY_FIXED_OCTETS) return 0;
  const total = PROXY_FIXED_OCTETS + held.readUInt16BE(14);
  return total > PROXY_OCTETS ? badHeader(`a PROXY header of ${total} octets is too long`) : total;
}

function measure(held: Buffer): Measure {
  if (begins(held, WORD)) return measureLine(held);
  if (begins(held, SIGNATURE)) return measureBinary(held);
  return badHeader('there is no PROXY header');
}

class Parser implements ProxyParser {
  /** Grows once at most: from a line's length to that of a header of version 2. */
  #store = Buffer.allocUnsafe(PROXY_LINE_OCTETS);
  #filled = 0;

  feed(piece: Buffer): ProxyAnswer {
    const before = this.#filled;
    let total = this.#keep(piece, PROXY_LINE_OCTETS);
    if (typeof total === 'number' && total > PROXY_LINE_OCTETS)
      total = this.#keep(piece.subarray(this.#filled - before), total);
    if (typeof total !== 'number') return total;
    if (total === 0 || total > this.#filled) return { status: 'more' };
    const header = this.#store.subarray(0, total);
    const client = header[0] === WORD[0] ? readProxyLine(header) : readProxyBinary(header);
    if (client.status === 'bad') return client;
    return { ...client, consumed: total, rest: piece.subarray(total - before) };
  }

  /** Keeps octets until there are `room` of them, and measures what is there. */
  #keep(piece: Buffer, room: number): Measure {
    if (this.#store.length < room) {
      const larger = Buffer.allocUnsafe(room);
      this.#store.copy(larger, 0, 0, this.#filled);
      this.#store = larger;
    }
    const kept = piece.subarray(0, Math.max(0, room - this.#filled));
    kept.copy(this.#store, this.#filled);
    this.#filled += kept.length;
    return measure(this.#store.subarray(0, this.#filled));
  }
}

export function createProxyParser(): ProxyParser {
  return new Parser();
}

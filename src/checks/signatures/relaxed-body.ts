/**
 * The relaxed form of a body, piece by piece (RFC 6376 §3.4.4 a): runs of white space are one space,
 * and lines end without any.
 *
 * Most octets of most bodies are in that form already, so the work is to find those that are not.
 * `unevenAt` looks at four octets at once; `Relaxation` writes anew what it finds, and a bounded
 * stretch behind it, since white space comes in groups. Nothing is kept between pieces but whether
 * white space, or a CR behind some, still waits for what follows it.
 *
 * Callers: body-hash.ts. Never throws.
 */
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/**
 * Octets that are written anew one by one, from an uneven place on, before the next is searched: twice
 * as many each time it turns out to be near, up to a bound.
 */
const SHORTEST_STRETCH = 64;
const LONGEST_STRETCH = 4096;
/** Even octets that are worth a copy by the machine. */
const WORTH_COPYING = 200;

/** One bit in each octet of a word, and an octet in each of them. */
const FLAGS = 0x80_80_80_80 | 0;
const ABOVE_SPACE = 0x21_21_21_21;
const ABOVE_TAB = 0x0a_0a_0a_0a;
/** Elsewhere the neighbours inside a word stand the other way round; there octets are looked at singly. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const NO_WORDS = new Int32Array(0);

/** `unevenAt`, octet by octet. */
function unevenBetween(octets: Buffer, from: number, to: number): number {
  // By index, because an iterator costs several times as much for each octet.
  for (let at = from; at < to; at += 1) {
    const octet = octets[at] as number;
    if (octet === TAB) return at;
    if (octet !== SPACE) continue;
    const next = octets[at + 1];
    if (next === undefined || next === SPACE || next === TAB || next === CR) return at;
  }
  return to;
}

/** Some octets of a body, and the same in words of four from the first that lies on a word of the memory. */
export class Piece {
  readonly octets: Buffer;
  /** Index of the octet at which the words begin. */
  readonly #start: number;
  readonly #words: Int32Array;

  constructor(octets: Buffer) {
    this.octets = octets;
    const start = Math.min(octets.length, -octets.byteOffset & 3);
    const count = IS_LITTLE_ENDIAN ? (octets.length - start) >> 2 : 0;
    this.#start = start;
    this.#words = count > 0 ? new Int32Array(octets.buffer, octets.byteOffset + start, count) : NO_WORDS;
  }

  /**
   * Index of the first octet between `from` and `to` that is not in the relaxed form as it stands,
   * whatever follows the piece: a TAB, or a space in front of white space, of a CR or of the end. At
   * least `to` if there is none.
   */
  unevenAt(from: number, to: number): number {
    const { octets } = this;
    const start = this.#start;
    const first = Math.max(0, (from - start + 3) >> 2);
    const head = Math.min(to, start + first * 4);
    const uneven = unevenBetween(octets, from, head);
    if (uneven < head) return uneven;
    const last = Math.max(first, Math.min(this.#words.length, (to - start + 3) >> 2));
    const found = this.#unevenWord(first, last, from);
    if (found >= 0) return found;
    // The last octet of the last word has its neighbour behind it.
    return unevenBetween(octets, Math.max(head, start + last * 4 - 1), to);
  }

  /** The same for the words from `first` to `last`; -1 if there is none. */
  #unevenWord(first: number, last: number, from: number): number {
    const words = this.#words;
    let spaces = 0;
    for (let at = first; at < last; at += 1) {
      const word = words[at] as number;
      // A subtraction borrows the top bit of an octet that is too small for it. A borrow may also flag
      // the octet above, so that a flag is a suspicion; none that matters goes without.
      const small = (word - ABOVE_SPACE) & ~word & FLAGS;
      const before = spaces;
      // The bit that a space has and other small octets have not.
      spaces = small & (word << 2);
      if (small === 0) continue;
      const pairs = (spaces & (small >>> 8)) | ((before >>> 24) & small);
      if ((pairs | ((word - ABOVE_TAB) & small)) === 0) continue;
      const index = this.#start + at * 4;
      const found = unevenBetween(this.octets, Math.max(from, index - 1), index + 4);
      if (found < index + 4) return found;
    }
    return -1;
  }
}

export class Relaxation {
  /** White space whose line may end behind it, and a CR behind such white space. */
  #hasSpace = false;
  #hasSpaceThenCr = false;

  /** Whether something of what has come waits for what follows. */
  get isWaiting(): boolean {
    return this.#hasSpace || this.#hasSpaceThenCr;
  }

  /** What is left when nothing follows: white space at the end goes. */
  rest(): string {
    return this.#hasSpaceThenCr ? ' \r' : '';
  }

  /**
   * Writes the relaxed form of the octets from `from` to `to`, and says how many octets that are: two
   * more at most.
   */
  write(piece: Piece, from: number, to: number, written: Buffer): number {
    const { octets } = piece;
    let length = 0;
    let stretch = SHORTEST_STRETCH;
    for (let at = from; at < to; ) {
      const uneven = this.isWaiting ? at : Math.min(to, piece.unevenAt(at, to));
      if (uneven - at >= WORTH_COPYING) {
        octets.copy(written, length, at, uneven);
        length += uneven - at;
        at = uneven;
        stretch = SHORTEST_STRETCH;
      } else stretch = Math.min(LONGEST_STRETCH, stretch * 2);
      const end = Math.min(to, uneven + stretch);
      length = this.#writeEach(octets.subarray(at, end), written, length);
      at = end;
    }
    return length;
  }

  /** The same octet by octet, behind the `start` octets that are written; says where they end then. */
  #writeEach(octets: Buffer, written: Buffer, start: number): number {
    const end = octets.length;
    let length = start;
    let at = 0;
    if (end > 0 && this.#hasSpaceThenCr) {
      if (octets[0] !== LF) written[length++] = SPACE;
      written[length++] = CR;
      this.#hasSpaceThenCr = false;
    }
    let hasSpace = this.#hasSpace;
    while (at < end) {
      const octet = octets[at++] as number;
      if (octet === SPACE || octet === TAB) {
        hasSpace = true;
        continue;
      }
      if (hasSpace) {
        hasSpace = false;
        if (octet === CR && at === end) {
          this.#hasSpaceThenCr = true;
          break;
        }
        if (octet !== CR || octets[at] !== LF) written[length++] = SPACE;
      }
      written[length++] = octet;
    }
    this.#hasSpace = hasSpace;
    return length;
  }
}

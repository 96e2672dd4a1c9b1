/**
 * Finds the end of the header in content that arrives in pieces, under a bound.
 *
 * The header ends at the first blank line. Nothing is kept beyond `limit` octets: a header that
 * is longer is `tooBig`, whatever follows. What comes behind the blank line in the same piece is
 * handed back untouched.
 *
 * Callers: engine/stages/data. Holds the octets of one header until it is complete.
 */
import { Gathered } from './gathered.js';

export type Collected =
  | { readonly status: 'more' }
  /** Everything so far: the header may have ended without a blank line. */
  | { readonly status: 'tooBig'; readonly octets: Buffer }
  /** `octets` without the blank line; `rest` is the beginning of the body. */
  | { readonly status: 'complete'; readonly octets: Buffer; readonly rest: Buffer };

export interface HeaderCollector {
  feed(piece: Buffer): Collected;
  /** The content ended without a blank line: everything so far. */
  end(): Buffer;
}

const BLANK = Buffer.from('\r\n\r\n');
const CR = 0x0d;
const MORE: Collected = { status: 'more' };

export function createHeaderCollector(limit: number): HeaderCollector {
  const gathered = new Gathered();
  // Last octets of what was collected, so that a blank line cut in two is found.
  let tail: Buffer = Buffer.from('\r\n');

  function tooBig(piece: Buffer): Collected {
    const octets = gathered.length > 0 ? Buffer.concat([gathered.take(), piece]) : piece;
    return { status: 'tooBig', octets };
  }

  function complete(piece: Buffer, end: number, rest: number): Collected {
    let octets = piece.subarray(0, Math.max(end, 0));
    if (gathered.length > 0) {
      gathered.add(octets);
      octets = gathered.take();
    }
    // A negative `end` reaches back into earlier pieces: the blank line began there.
    return {
      status: 'complete',
      octets: end < 0 ? octets.subarray(0, end) : octets,
      rest: piece.subarray(rest),
    };
  }

  return {
    feed(piece) {
      const overlap = tail.length;
      // At the very beginning only a blank line can be cut so.
      const canJoin = gathered.length > 0 || piece[0] === CR;
      const joint = canJoin ? Buffer.concat([tail, piece.subarray(0, 3)]).indexOf(BLANK) : -1;
      const inside = joint >= 0 ? joint - overlap : piece.indexOf(BLANK);
      if (joint >= 0 || inside >= 0) {
        // `inside` is the CRLF that ends the last field, which stays; the second CRLF goes. The
        // start of the content counts as the start of a line, so a leading blank line ends an empty header.
        const rest = inside + 4;
        const end = inside + 2;
        if (gathered.length + end > limit) return tooBig(piece);
        return complete(piece, end, rest);
      }
      if (gathered.length + piece.length > limit) return tooBig(piece);
      gathered.add(piece);
      tail = Buffer.concat([tail, piece.subarray(-3)]).subarray(-3);
      return MORE;
    },
    end: () => gathered.take(),
  };
}

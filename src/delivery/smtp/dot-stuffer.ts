/**
 * The content of a message as it goes over the wire after DATA (RFC 5321 §4.5.2).
 *
 * A dot that begins a line is doubled and the end is marked. What leaves has CRLF line ends and
 * nothing else: a CR or an LF that stands alone, which the queue should not hold, becomes a CRLF,
 * because a peer that takes it for a line end could otherwise be shown the end of the data in the
 * middle of the message. Pieces may be cut anywhere.
 *
 * Callers: delivery/smtp/send-content. Pure; octets are passed through by reference.
 */
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

const CR_OCTET = Buffer.from('\r');
const LF_OCTET = Buffer.from('\n');
const DOT_OCTET = Buffer.from('.');

export interface DotStuffer {
  /** The pieces to write for a piece of content. */
  push(piece: Buffer): readonly Buffer[];
  /** What ends the data: a line end where one is missing, and the line with the dot alone. */
  end(): Buffer;
}

/** Finds one octet again and again in a piece; looks no place at twice. */
function createFinder(piece: Buffer, octet: number): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      const at = piece.indexOf(octet, from);
      found = at === -1 ? piece.length : at;
    }
    return found;
  };
}

export function createDotStuffer(): DotStuffer {
  let beginsLine = true;
  let heldCr = false;

  /** The place after the next line end, or the end of the piece; lone CR and LF are completed. */
  function pass(piece: Buffer, cr: number, lf: number, cut: (at: number, insert: Buffer) => void): number {
    const at = Math.min(cr, lf);
    if (at === piece.length) return at;
    if (at === cr) heldCr = true;
    else {
      cut(at, CR_OCTET);
      beginsLine = true;
    }
    return at + 1;
  }

  return {
    push(piece) {
      const out: Buffer[] = [];
      let written = 0;
      const cut = (at: number, insert: Buffer): void => {
        if (at > written) out.push(piece.subarray(written, at));
        out.push(insert);
        written = at;
      };
      const nextCr = createFinder(piece, CR);
      const nextLf = createFinder(piece, LF);
      let at = 0;
      while (at < piece.length) {
        if (heldCr) {
          heldCr = false;
          beginsLine = true;
          if (piece[at] === LF) {
            at += 1;
            continue;
          }
          cut(at, LF_OCTET);
        }
        if (beginsLine && piece[at] === DOT) cut(at, DOT_OCTET);
        beginsLine = false;
        at = pass(piece, nextCr(at), nextLf(at), cut);
      }
      if (written < piece.length) out.push(piece.subarray(written));
      return out;
    },
    end() {
      if (heldCr) return Buffer.from('\n.\r\n');
      return Buffer.from(beginsLine ? '.\r\n' : '\r\n.\r\n');
    },
  };
}

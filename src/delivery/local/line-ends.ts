/**
 * CRLF to LF, for the Maildir.
 *
 * On the wire and in the queue lines end in CRLF; programs that read a Maildir expect the line
 * end of the system. Only whole CRLF pairs change: a CR that stands alone is content and stays,
 * also when it is the last octet of a piece.
 *
 * Callers: delivery/local/maildir.
 */

const CR = 0x0d;
const LF = 0x0a;

export interface LineEndConverter {
  /** The converted octets of a piece; a CR at its end is kept back until the next one. */
  convert(piece: Buffer): Buffer;
  /** What was kept back. */
  end(): Buffer;
}

export function createLineEndConverter(): LineEndConverter {
  let keptCr = false;
  return {
    convert(piece) {
      const out = Buffer.allocUnsafe(piece.length + 1);
      let at = 0;
      for (const octet of piece) {
        if (keptCr && octet !== LF) {
          out[at] = CR;
          at += 1;
        }
        keptCr = octet === CR;
        if (!keptCr) {
          out[at] = octet;
          at += 1;
        }
      }
      return out.subarray(0, at);
    },
    end() {
      const rest = keptCr ? Buffer.from([CR]) : Buffer.alloc(0);
      keptCr = false;
      return rest;
    },
  };
}

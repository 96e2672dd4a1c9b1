/**
 * Strict line ends in message content: what is stored and passed on holds CR and LF only as CRLF,
 * and no NUL (RFC 5321 §2.3.8, §4.1.1.4; RFC 5322 §2.3).
 *
 * A bare CR or LF that travels on can end a message early at a laxer next hop, and what stands
 * behind it would be read as commands. `reject` finds the first fault and says so; `normalize`
 * makes each bare CR and bare LF a CRLF and drops NUL. Pieces may be cut anywhere.
 *
 * Callers: engine/stages/data, on content whose dots are already unstuffed. Holds one flag
 * between pieces. Native searches only: no step of ours looks at single octets of clean content.
 */

export type LineEndingMode = 'reject' | 'normalize';

export interface LineEndingGuard {
  /** The piece as it may be stored; `undefined` once a fault was found in `reject` mode. */
  feed(piece: Buffer): Buffer | undefined;
  /** What is still owed at the end of the content; `undefined` when the content ends in a fault. */
  end(): Buffer | undefined;
}

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);
const CRLF = Buffer.from('\r\n');
const CR_OCTET = Buffer.from('\r');

/**
 * Whether every CR is followed by LF, every LF follows a CR, and no NUL is there. A CR as the
 * last octet passes, and `afterCr` says that the piece before ended in one.
 */
function isClean(piece: Buffer, afterCr: boolean): boolean {
  if (afterCr !== (piece[0] === LF)) return false;
  if (piece.indexOf(0) >= 0) return false;
  let from = afterCr ? 1 : 0;
  for (;;) {
    const cr = piece.indexOf(CR, from);
    const lf = piece.indexOf(LF, from);
    if (cr < 0) return lf < 0;
    if (cr === piece.length - 1) return lf < 0;
    if (lf !== cr + 1) return false;
    from = lf + 1;
  }
}

function createRejecting(): LineEndingGuard {
  let afterCr = false;
  let faulty = false;
  return {
    feed(piece) {
      if (faulty || piece.length === 0) return faulty ? undefined : piece;
      faulty = !isClean(piece, afterCr);
      afterCr = piece.at(-1) === CR;
      return faulty ? undefined : piece;
    },
    end: () => (faulty || afterCr ? undefined : NOTHING),
  };
}

/** Rewrites a piece that is not clean; its octets survive as latin1 characters. */
function repaired(piece: Buffer): Buffer {
  // NUL goes last: where it stood between CR and LF they were no pair, however pieces are cut.
  const strict = piece.toString('latin1').replace(/\r\n?|\n/g, '\r\n');
  return Buffer.from(strict.replaceAll('\0', ''), 'latin1');
}

function createNormalizing(): LineEndingGuard {
  // A CR at the end of a piece waits here until the next octet tells whether it was half a CRLF.
  let held = false;
  return {
    feed(piece) {
      if (piece.length === 0) return piece;
      const endsInCr = piece.at(-1) === CR;
      const clean = isClean(piece, held);
      const whole = held ? Buffer.concat([CR_OCTET, piece]) : piece;
      const body = endsInCr ? whole.subarray(0, -1) : whole;
      held = endsInCr;
      return clean ? body : repaired(body);
    },
    end() {
      const owed = held ? CRLF : NOTHING;
      held = false;
      return owed;
    },
  };
}

export function createLineEndingGuard(mode: LineEndingMode): LineEndingGuard {
  return mode === 'reject' ? createRejecting() : createNormalizing();
}

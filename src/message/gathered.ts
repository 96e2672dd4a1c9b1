/**
 * Octets that come in pieces, kept together in one buffer.
 *
 * A client may send octet by octet. A list of such pieces takes hundreds of times the memory of
 * what they hold; here they cost at most twice that, because the buffer grows by doubling. How
 * much is added is the caller's to bound.
 *
 * Callers: header-collector.ts, engine/stages/body.
 */

export interface Gathered {
  /** Octets added since the last `take`. */
  readonly length: number;
  /** Copies the piece; it may be changed afterwards. */
  add(piece: Buffer): void;
  /** Everything added, which is the caller's from now on; begins anew. */
  take(): Buffer;
}

const LEAST_ROOM = 512;
const NOTHING = Buffer.alloc(0);

export function createGathered(): Gathered {
  let room: Buffer = NOTHING;
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(piece) {
      const needed = length + piece.length;
      if (needed > room.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * room.length, LEAST_ROOM));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      piece.copy(room, length);
      length = needed;
    },
    take() {
      const all = room.subarray(0, length);
      room = NOTHING;
      length = 0;
      return all;
    },
  };
}

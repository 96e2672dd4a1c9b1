/**
 * Octets that come in pieces, kept together in one buffer.
 *
 * A client may send octet by octet. A list of such pieces takes hundreds of times the memory of
 * what they hold; here they cost at most twice that, because the buffer grows by doubling. A first
 * piece that fills most of the memory it lies in is kept as it is, so that a small message which
 * came at once is not copied. How much is added is the caller's to bound.
 *
 * Callers: header-collector.ts, engine/stages/body.
 */

const LEAST_ROOM = 512;
const NOTHING = Buffer.alloc(0);

export class Gathered {
  #room: Buffer = NOTHING;
  /** Octets added since the last `take`. */
  length = 0;

  /** Takes the piece, which must not be changed afterwards. */
  add(piece: Buffer): void {
    if (this.length === 0 && piece.buffer.byteLength <= 2 * piece.length) {
      this.#room = piece;
      this.length = piece.length;
      return;
    }
    const needed = this.length + piece.length;
    // A kept piece has no room behind it, so that it is copied before anything is added.
    if (needed > this.#room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#room.length, LEAST_ROOM));
      this.#room.copy(larger, 0, 0, this.length);
      this.#room = larger;
    }
    piece.copy(this.#room, this.length);
    this.length = needed;
  }

  /** Everything added, which is the caller's from now on; begins anew. */
  take(): Buffer {
    const all = this.length === this.#room.length ? this.#room : this.#room.subarray(0, this.length);
    this.#room = NOTHING;
    this.length = 0;
    return all;
  }
}

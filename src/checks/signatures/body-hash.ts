/**
 * The hash of a body as DKIM and ARC sign it, made while the body arrives (RFC 6376 §3.4.3, §3.4.4).
 *
 * Nothing is kept of the body but one hash and a few counters, whatever its size and wherever its
 * pieces are cut. Where a piece is canonical already, as most are, its octets go into the hash as
 * they lie there; only other pieces are written anew.
 *
 * Callers: verifier.ts, which hands it to the library in place of the library's own. Never throws.
 */
import { createHash, type Hash } from 'node:crypto';
import { Piece, Relaxation } from './relaxed-body.js';

const LF = 0x0a;
const CR = 0x0d;
const CRLF = Buffer.from('\r\n');
/** Empty lines that turn out to lie inside the body are hashed in blocks of this many. */
const EMPTY_LINES = 16_384;
const MANY_LINE_ENDS = Buffer.from('\r\n'.repeat(EMPTY_LINES));

/** Where pieces are written anew; what is there goes into a hash before anything else is written. */
const ROOM = 32_768;
const WRITTEN = Buffer.allocUnsafeSlow(ROOM + 2);

export type Canonicalization = 'simple' | 'relaxed';

export interface BodyHashOptions {
  readonly canonicalization: Canonicalization;
  readonly algorithm: 'sha256' | 'sha1';
  /** The `l=` of the signature: octets of the canonical body that are covered. Default: all. */
  readonly limit?: number;
}

export class BodyHash {
  /** Octets of the body as it came. */
  byteLength = 0;
  /** Octets of the canonical body, and how many of them are in the hash. */
  canonicalizedLength = 0;
  bodyHashedBytes = 0;
  readonly #hash: Hash;
  readonly #limit: number;
  readonly #isRelaxed: boolean;
  readonly #relaxation = new Relaxation();
  /** A CR at the end of what came last. */
  #hasCr = false;
  /** Line ends that count only when something follows them. */
  #lineEnds = 0;

  constructor({ canonicalization, algorithm, limit }: BodyHashOptions) {
    this.#hash = createHash(algorithm);
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.#isRelaxed = canonicalization === 'relaxed';
  }

  update(octets: Buffer): void {
    this.byteLength += octets.length;
    if (this.#isRelaxed) this.#updateRelaxed(octets);
    else this.#take(octets);
  }

  /** The hash of all; nothing can be added afterwards. */
  digest(encoding: 'base64'): string {
    this.#take(Buffer.from(this.#relaxation.rest()));
    if (this.#hasCr) this.#content(Buffer.from('\r'));
    // RFC 6376 §3.4.3: an empty body is one line end in the simple form, and nothing in the relaxed.
    if (this.canonicalizedLength > 0 || !this.#isRelaxed) this.#write(CRLF);
    return this.#hash.digest(encoding);
  }

  #updateRelaxed(octets: Buffer): void {
    const piece = new Piece(octets);
    if (!this.#relaxation.isWaiting && piece.unevenAt(0, octets.length) === octets.length) {
      this.#take(octets);
      return;
    }
    for (let from = 0; from < octets.length; from += ROOM) {
      const to = Math.min(octets.length, from + ROOM);
      const length = this.#relaxation.write(piece, from, to, WRITTEN);
      this.#take(WRITTEN.subarray(0, length));
    }
  }

  /** Keeps back the line ends at the end of what has come: a body ends with one (RFC 6376 §3.4.3). */
  #take(octets: Buffer): void {
    if (octets.length === 0) return;
    let from = 0;
    if (this.#hasCr) {
      this.#hasCr = false;
      if (octets[0] === LF) {
        this.#lineEnds += 1;
        from = 1;
      } else this.#content(Buffer.from('\r'));
    }
    let end = octets.length;
    if (end > from && octets[end - 1] === CR) {
      this.#hasCr = true;
      end -= 1;
    }
    let lineEnds = 0;
    while (end - 2 >= from && octets[end - 1] === LF && octets[end - 2] === CR) {
      end -= 2;
      lineEnds += 1;
    }
    if (end > from) this.#content(octets.subarray(from, end));
    this.#lineEnds += lineEnds;
  }

  #content(octets: Buffer): void {
    for (; this.#lineEnds > EMPTY_LINES; this.#lineEnds -= EMPTY_LINES) this.#write(MANY_LINE_ENDS);
    if (this.#lineEnds > 0) this.#write(MANY_LINE_ENDS.subarray(0, this.#lineEnds * 2));
    this.#lineEnds = 0;
    this.#write(octets);
  }

  #write(octets: Buffer): void {
    this.canonicalizedLength += octets.length;
    const room = this.#limit - this.bodyHashedBytes;
    if (room <= 0) return;
    const covered = octets.length > room ? octets.subarray(0, room) : octets;
    this.bodyHashedBytes += covered.length;
    this.#hash.update(covered);
  }
}

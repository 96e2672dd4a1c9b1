/**
 * The body of a message: small ones in memory, large ones in a file.
 *
 * A body is the octets after the blank line of the header, with CRLF line ends and without
 * dot-stuffing. It never changes once made, so it is handed round without copies. Who can work
 * on the octets directly looks at `place`; everybody else reads `stream()`, as often as needed.
 *
 * Callers: engine (writes through the queue's body builder), hooks, delivery. Reading a file body
 * fails with ERR_QUEUE_CORRUPT when the file no longer holds what was stored, and it fails before
 * the last octet is handed out, so that a damaged message is never passed on as a whole one.
 */

export interface MemoryBody {
  readonly place: 'memory';
  /** Octets. */
  readonly size: number;
  readonly bytes: Buffer;
  /** The octets in pieces; each call starts from the beginning. */
  stream(): AsyncIterable<Buffer>;
}

export interface FileBody {
  readonly place: 'file';
  /** Octets. */
  readonly size: number;
  /** Absolute path of the file that holds the octets and nothing else. */
  readonly path: string;
  /** CRC-32 of the octets. */
  readonly crc: number;
  /** The octets in pieces; each call opens the file anew. */
  stream(): AsyncIterable<Buffer>;
}

export type MessageBody = MemoryBody | FileBody;

/** A body of octets that are in memory already; they are not copied and must not change. */
export function memoryBody(bytes: Buffer): MemoryBody {
  return {
    place: 'memory',
    size: bytes.length,
    bytes,
    async *stream() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

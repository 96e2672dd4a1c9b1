/**
 * CRC-32 over several pieces.
 *
 * It finds torn and altered octets on a disk; it is no protection against somebody who means to
 * alter them. An empty piece leaves the sum as it is; the library would begin anew.
 *
 * Callers: queue/record, queue/spool-file.
 */
import { crc32 } from 'node:zlib';

/** The sum of everything before, whose sum is `crc`, and `piece`. 0 begins. */
export function addToCrc(crc: number, piece: Uint8Array): number {
  return piece.length === 0 ? crc : crc32(piece, crc);
}

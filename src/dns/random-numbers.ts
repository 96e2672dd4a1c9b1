/**
 * Unpredictable numbers for ids and ports, drawn from the Clock many at a time.
 *
 * One number at a time costs more than the rest of a question. Each number is handed out once, and
 * none is kept after the use.
 *
 * Callers: udp-wire, tcp-wire. RFC 5452 §9.2.
 */
import type { Clock } from '../core/clock.js';

/** The next number, 0 to 65,535, all equally likely. */
export type DrawNumber = () => number;

const POOL_OCTETS = 512;

export function createNumberSource(clock: Clock): DrawNumber {
  let pool: Buffer = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used >= pool.length) {
      pool = clock.random(POOL_OCTETS);
      used = 0;
    }
    const number = pool.readUInt16BE(used);
    used += 2;
    return number;
  };
}

/** Octets in masses, as fast as the other side takes them, and octets by chance. */
import type { Socket } from 'node:net';

/**
 * Writes `block` so many times and waits for room in between. Resolves early, with `false`, when
 * the connection ends.
 */
export async function flood(socket: Socket, block: Buffer | string, times: number): Promise<boolean> {
  for (let i = 0; i < times; i += 1) {
    if (socket.destroyed || !socket.writable) return false;
    if (socket.write(block, 'latin1')) continue;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        socket.off('drain', settle);
        socket.off('close', settle);
        resolve();
      };
      socket.on('drain', settle);
      socket.on('close', settle);
    });
  }
  return !socket.destroyed;
}

/** The seed of this run; another one: `FAULT_SEED=$RANDOM npm run test:faults`. */
export const FAULT_SEED: number = Number(process.env['FAULT_SEED'] ?? 5321);

/** Numbers from 0 up to, not including, `below`; the same for the same seed (mulberry32). */
export function createChance(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** So many octets by chance. */
export function octetsByChance(chance: (below: number) => number, length: number): Buffer {
  const octets = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i += 1) octets[i] = chance(256);
  return octets;
}

/**
 * Addresses with which a database is tried before it is used.
 *
 * A file whose end is missing can have a tree that leads nowhere. Small databases are looked
 * through whole; of large ones addresses all over the two families are asked for.
 *
 * Callers: geo-ip-reader.
 */

/** What the trial asks of a database: how many steps of the tree an address took, or an error. */
export type Probe = (ip: string) => number;

/** Networks that are walked one after the other before spreading takes over. */
const MOST_NETWORKS = 1024;
const IPV4_STEP = 2 ** 32 / 1024;
/** Of the first 16 bits of an address in use, 2000::/3. */
const IPV6_STEP = 0x2000 / 128;

function ipv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Begins at 0.0.0.0 and jumps over each network to the next. */
function walkIpv4(probe: Probe): void {
  let at = 0;
  for (let networks = 0; networks < MOST_NETWORKS && at < 2 ** 32; networks += 1) {
    const bits = probe(ipv4(at));
    at += 2 ** (32 - Math.min(Math.max(bits, 0), 32));
  }
}

function ipv6(number: bigint): string {
  return [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n]
    .map((shift) => ((number >> shift) & 0xffffn).toString(16))
    .join(':');
}

function walkIpv6(probe: Probe): void {
  const end = 1n << 128n;
  // ::/96 is IPv4, which has been walked.
  let at = 1n << 32n;
  for (let networks = 0; networks < MOST_NETWORKS && at < end; networks += 1) {
    const bits = BigInt(Math.min(Math.max(probe(ipv6(at)), 0), 128));
    const size = 1n << (128n - bits);
    // An address inside a network goes on behind that network, not one size further.
    at = (at / size + 1n) * size;
  }
}

/** Asks `probe` for enough addresses; what it throws comes out. */
export function tryAddresses(probe: Probe, family: 4 | 6): void {
  walkIpv4(probe);
  for (let at = 0; at < 2 ** 32; at += IPV4_STEP) probe(ipv4(at));
  if (family === 4) return;
  walkIpv6(probe);
  for (let at = 0x2000; at < 0x4000; at += IPV6_STEP) probe(`${at.toString(16)}::1`);
}

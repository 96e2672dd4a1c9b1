/**
 * Addresses with which a database is tried before it is used.
 *
 * A file whose end is missing can have a tree that leads nowhere. Small databases are looked
 * through whole; of large ones addresses all over the two families are asked for. A database of
 * something else is whole and of no use, so one record of use must come up: where these addresses
 * have none, many more networks are looked at before the file is given up.
 *
 * Callers: geo-ip-reader.
 */

/** What the trial asks of a database; damage is thrown. */
export type Probe = (ip: string) => Probed;

export interface Probed {
  /** How many steps of the tree the address took. */
  readonly bits: number;
  readonly isOfUse: boolean;
}

/** Networks that are walked one after the other before spreading takes over. */
const MOST_NETWORKS = 1024;
/** The same where nothing of use came up; takes some tenths of a second. */
const MOST_NETWORKS_IN_DOUBT = 20_000;
const IPV4_STEP = 2 ** 32 / 1024;
/** Of the first 16 bits of an address in use, 2000::/3. */
const IPV6_STEP = 0x2000 / 128;

function ipv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** How far a walk goes. */
interface Reach {
  readonly networks: number;
  /** Ends the walk early. */
  readonly isEnough?: () => boolean;
}

/** Begins at 0.0.0.0 and jumps over each network to the next. */
function walkIpv4(probe: Probe, { networks, isEnough }: Reach): void {
  let at = 0;
  for (let walked = 0; walked < networks && at < 2 ** 32 && !isEnough?.(); walked += 1) {
    const { bits } = probe(ipv4(at));
    at += 2 ** (32 - Math.min(Math.max(bits, 0), 32));
  }
}

function ipv6(number: bigint): string {
  return [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n]
    .map((shift) => ((number >> shift) & 0xffffn).toString(16))
    .join(':');
}

function walkIpv6(probe: Probe, { networks, isEnough }: Reach): void {
  const end = 1n << 128n;
  // ::/96 is IPv4, which has been walked.
  let at = 1n << 32n;
  for (let walked = 0; walked < networks && at < end && !isEnough?.(); walked += 1) {
    const bits = BigInt(Math.min(Math.max(probe(ipv6(at)).bits, 0), 128));
    const size = 1n << (128n - bits);
    // An address inside a network goes on behind that network, not one size further.
    at = (at / size + 1n) * size;
  }
}

/** Asks `probe` for enough addresses; what it throws comes out. Whether one answer was of use. */
export function tryAddresses(probe: Probe, family: 4 | 6): boolean {
  let isOfUse = false;
  const noted: Probe = (ip) => {
    const probed = probe(ip);
    isOfUse ||= probed.isOfUse;
    return probed;
  };
  walkIpv4(noted, { networks: MOST_NETWORKS });
  for (let at = 0; at < 2 ** 32; at += IPV4_STEP) noted(ipv4(at));
  if (family === 6) {
    walkIpv6(noted, { networks: MOST_NETWORKS });
    for (let at = 0x2000; at < 0x4000; at += IPV6_STEP) noted(`${at.toString(16)}::1`);
  }
  const inDoubt: Reach = { networks: MOST_NETWORKS_IN_DOUBT, isEnough: () => isOfUse };
  walkIpv4(noted, inDoubt);
  if (family === 6) walkIpv6(noted, inDoubt);
  return isOfUse;
}

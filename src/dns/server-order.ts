/**
 * Which server to ask first.
 *
 * The operator's order holds, except that a server which was silent or broken lately goes to the
 * end for half a minute: a dead first server then costs one question its patience, not each.
 *
 * Callers: udp-resolver. Holds one time per server; never throws.
 */
import type { Clock } from '../core/clock.js';
import type { DnsServer } from './server-address.js';

const REST_MS = 30_000;

export interface ServerOrder {
  /** Every server once, the best first. */
  list(): readonly DnsServer[];
  /** The server did not answer in time, or cannot be reached. */
  failed(server: DnsServer): void;
  answered(server: DnsServer): void;
}

export function createServerOrder(servers: readonly DnsServer[], clock: Clock): ServerOrder {
  const restsUntil = new Map<DnsServer, number>();
  return {
    list() {
      if (restsUntil.size === 0) return servers;
      const now = clock.elapsed();
      for (const [server, until] of restsUntil) if (until <= now) restsUntil.delete(server);
      const rested = servers.filter((server) => !restsUntil.has(server));
      return [...rested, ...servers.filter((server) => restsUntil.has(server))];
    },
    failed(server) {
      restsUntil.set(server, clock.elapsed() + REST_MS);
    },
    answered(server) {
      restsUntil.delete(server);
    },
  };
}

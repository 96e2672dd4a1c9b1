/**
 * Which server to ask first.
 *
 * The operator's order holds, except that a server which is unreachable, or was silent several
 * times in a row, goes to the end for half a minute: a dead first server then costs a few
 * questions their patience, not each. One silence says nothing, for the server may wait for others.
 *
 * Callers: udp-resolver. Holds one time per server; never throws.
 */
import type { Clock } from '../core/clock.js';
import type { DnsServer } from './server-address.js';

const REST_MS = 30_000;
const SILENCES = 3;

export interface ServerOrder {
  /** Every server once, the best first. */
  list(): readonly DnsServer[];
  /** The server cannot be reached. */
  failed(server: DnsServer): void;
  /** The server did not answer in good time. */
  silent(server: DnsServer): void;
  answered(server: DnsServer): void;
}

export function createServerOrder(servers: readonly DnsServer[], clock: Clock): ServerOrder {
  const restsUntil = new Map<DnsServer, number>();
  const silences = new Map<DnsServer, number>();
  const rest = (server: DnsServer): void => {
    silences.delete(server);
    restsUntil.set(server, clock.elapsed() + REST_MS);
  };
  return {
    list() {
      if (restsUntil.size === 0) return servers;
      const now = clock.elapsed();
      for (const [server, until] of restsUntil) if (until <= now) restsUntil.delete(server);
      const rested = servers.filter((server) => !restsUntil.has(server));
      return [...rested, ...servers.filter((server) => restsUntil.has(server))];
    },
    failed: rest,
    silent(server) {
      const count = (silences.get(server) ?? 0) + 1;
      if (count < SILENCES) silences.set(server, count);
      else rest(server);
    },
    answered(server) {
      silences.delete(server);
      restsUntil.delete(server);
    },
  };
}

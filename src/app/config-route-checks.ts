/**
 * What must hold between delivery.routes and the settings around them.
 *
 * A route for a domain that is not accepted would never be used, two routes for one domain leave
 * open which is meant, and a route to a listener of ours would send mail round in circles.
 *
 * Callers: config-cross-checks. Nothing here throws.
 */
import { type NextHop, staysHere } from '../delivery/next-hop.js';
import { configuredRoutes } from './compose-delivery.js';
import type { Complain } from './config-origin.js';
import type { Config } from './config-types.js';

/** Why no mail will come for an entry of a route; `undefined` when some may. */
function unknownDomain(domain: string, localDomains: readonly string[]): string | undefined {
  if (domain === '*' || localDomains.includes('*') || localDomains.includes(domain)) return undefined;
  if (!domain.startsWith('*.')) return `${domain} is not in localDomains, so no mail for it is accepted`;
  const below = localDomains.some((local) => local.endsWith(domain.slice(1)));
  return below ? undefined : `no domain of localDomains lies below ${domain.slice(2)}`;
}

function isReached(hop: NextHop, host: string, port: number): boolean {
  if (hop.place.kind === 'unix' || hop.place.port !== port) return false;
  const isOpenToAll = host === '0.0.0.0' || host === '::';
  const isLoopback = hop.place.host === 'localhost' && (host === '127.0.0.1' || host === '::1');
  return hop.place.host === host || isLoopback || (isOpenToAll && staysHere(hop));
}

export function checkRoutes(config: Config, complain: Complain): void {
  const seen = new Map<string, string>();
  for (const { key, domains, hop } of configuredRoutes(config)) {
    for (const [place, domain] of domains.entries()) {
      const reason = unknownDomain(domain, config.localDomains);
      const other = seen.get(domain);
      if (reason !== undefined) complain([`${key}.domains[${place}]`, 'localDomains'], reason);
      if (other !== undefined) {
        complain([`${key}.domains[${place}]`], `${domain} has its route in ${other} already`);
      }
      seen.set(domain, key);
    }
    const own = config.listeners.findIndex(({ host, port }) => hop && isReached(hop, host, port));
    if (own >= 0) complain([`${key}.to`], `leads back to listeners[${own}]; mail would go round in circles`);
  }
}

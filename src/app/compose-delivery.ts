/**
 * Puts the outgoing side together: Maildirs, next hops, and which domain goes where.
 *
 * Callers: app/compose-mail, app/check-next-hops. Opens nothing; connections are made when there
 * is mail for them.
 */
import type { Clock } from '../core/clock.js';
import { createMaildirTransport } from '../delivery/local/maildir.js';
import { type NextHop, parseDestination } from '../delivery/next-hop.js';
import { createRoutes, type Route } from '../delivery/routes.js';
import type { TlsChoice } from '../delivery/smtp/open-client.js';
import { createNextHopTransport, type NextHopTransport } from '../delivery/smtp/transport.js';
import type { DeliveryTransport } from '../delivery/transport.js';
import { comparableDomain } from '../smtp/domain.js';
import type { Config } from './config-types.js';

export interface ConfiguredRoute {
  /** `delivery.routes[0]` */
  readonly key: string;
  readonly domains: readonly string[];
  /** `undefined` for Maildirs. */
  readonly hop: NextHop | undefined;
  readonly tls: TlsChoice;
}

/** The routes of the configuration, which has passed its checks. */
export function configuredRoutes({ delivery }: Config): readonly ConfiguredRoute[] {
  return delivery.routes.map(({ domains, to, tls }, index) => {
    const destination = parseDestination(to);
    const hop = destination.status === 'next-hop' ? destination.hop : undefined;
    return { key: `delivery.routes[${index}]`, domains, hop, tls };
  });
}

/**
 * The host's own name gets mail for its postmaster alone when it is no local domain. A wildcard for
 * other domains leads to a server that need not know that address, and the Maildirs always do.
 */
function ownRoute({ hostname, localDomains }: Config, maildir: DeliveryTransport): readonly Route[] {
  const names = new Set(localDomains.map(comparableDomain));
  if (names.has('*') || names.has(comparableDomain(hostname))) return [];
  return [{ domains: [hostname], transport: maildir }];
}

export interface Delivery {
  readonly transport: DeliveryTransport;
  /** Leaves connections that are open; to be called when nothing is under way. */
  close(): Promise<void>;
}

export function composeDelivery(config: Config, clock: Clock): Delivery {
  const { hostname } = config;
  const maildir = createMaildirTransport({ root: config.delivery.maildir, hostname });
  // Two routes to one place share its connections, unless they differ in what they ask of TLS.
  const nextHops = new Map<string, NextHopTransport>();
  const routes = configuredRoutes(config).map(({ domains, hop, tls }): Route => {
    if (!hop) return { domains, transport: maildir };
    const key = `${tls} ${hop.url}`;
    const transport = nextHops.get(key) ?? createNextHopTransport({ hop, hostname, tls, clock });
    nextHops.set(key, transport);
    return { domains, transport };
  });
  return {
    transport:
      routes.length === 0 ? maildir : createRoutes([...routes, ...ownRoute(config, maildir)], maildir),
    async close() {
      await Promise.all([...nextHops.values()].map((nextHop) => nextHop.close()));
    },
  };
}

/**
 * The resolver that a configuration asks for.
 *
 * Servers of the configuration, else those of the system; remembering answers unless
 * `dns.cacheEntries` is 0.
 *
 * Callers: app/compose, cli. A system without a readable list of servers is asked at the local
 * host, as the C library does.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../core/clock.js';
import { createCachingResolver } from '../dns/caching-resolver.js';
import type { Resolver } from '../dns/resolver.js';
import { systemDnsServers } from '../dns/server-address.js';
import { createUdpResolver } from '../dns/udp-resolver.js';
import type { Config } from './config-types.js';

const SYSTEM_LIST = '/etc/resolv.conf';

/** Text of the system's list; empty when there is none to read, which means the local host. */
function readSystemList(): string {
  try {
    return readFileSync(SYSTEM_LIST, 'utf8');
  } catch {
    return '';
  }
}

/** The servers to ask, with their ports where these are not 53. */
export function dnsServers(config: Pick<Config, 'dns'>): readonly string[] {
  return config.dns.servers.length > 0 ? config.dns.servers : systemDnsServers(readSystemList());
}

/** Opens the resolver; whoever calls closes it. */
export function openResolver(config: Pick<Config, 'dns'>, clock: Clock): Resolver {
  const { timeout, cacheEntries } = config.dns;
  const resolver = createUdpResolver({ clock, servers: dnsServers(config), deadlineMs: timeout });
  return cacheEntries === 0 ? resolver : createCachingResolver({ clock, resolver, maxEntries: cacheEntries });
}

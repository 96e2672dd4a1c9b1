/**
 * Checks of the ports that will be opened and of the name servers that will be asked.
 *
 * A port in use may well be held by the Postern whose new configuration is being checked, so it is
 * a warning; a port that may not be opened at all is an error. DNS without an answer is a warning:
 * mail to local addresses works without it.
 *
 * Callers: app/check. Sockets and resolver come from outside.
 */
import type { Resolver } from '../dns/resolver.js';
import type { CheckStep, Finding } from './check-step.js';
import type { Config } from './config-types.js';

export type PortOutcome =
  | { readonly status: 'free' }
  | { readonly status: 'inUse' }
  | { readonly status: 'refused'; readonly reason: string };

export type PortProbe = (host: string, port: number) => Promise<PortOutcome>;
export type OpenResolver = (config: Config) => Resolver;

interface Place {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

function places(config: Config): readonly Place[] {
  const found: Place[] = config.listeners.map(({ host, port }, index) => ({
    key: `listeners[${index}]`,
    host,
    port,
  }));
  if (config.metrics.enabled)
    found.push({ key: 'metrics', host: config.metrics.host, port: config.metrics.port });
  return found;
}

function portFinding({ key, host, port }: Place, outcome: PortOutcome): readonly Finding[] {
  const where = `${key}: ${host}, port ${port}`;
  switch (outcome.status) {
    case 'free':
      return [];
    case 'inUse': {
      const hint =
        'All is well if that is the running Postern; otherwise stop the other program or choose another port.';
      return [{ severity: 'warning', message: `${where} is in use`, hint }];
    }
    case 'refused': {
      const hint =
        'Choose an address of this machine and a port above 1023, or give Postern the right to open it.';
      return [{ severity: 'error', message: `${where} cannot be opened: ${outcome.reason}`, hint }];
    }
  }
}

/** Whether each listening port can be opened; port 0 always can. */
export function portsStep(probe: PortProbe): CheckStep {
  return {
    name: 'ports',
    async run(config) {
      const findings: Finding[] = [];
      for (const place of places(config))
        findings.push(...portFinding(place, await probe(place.host, place.port)));
      return findings;
    },
  };
}

/** A name that exists for as long as DNS does (RFC 2606 §3). */
const KNOWN_NAME = 'example.com';

/** Whether the name servers answer at all. */
export function dnsStep(open: OpenResolver): CheckStep {
  return {
    name: 'DNS',
    async run(config) {
      const resolver = open(config);
      try {
        const outcome = await resolver.resolve(KNOWN_NAME, 'A');
        if (outcome.status !== 'tempFail') return [];
        const asked =
          config.dns.servers.length > 0 ? config.dns.servers.join(', ') : "the system's DNS servers";
        const hint =
          'Check dns.servers and the network; checks of policies that need DNS will answer "temporary error".';
        return [{ severity: 'warning', message: `no answer from ${asked}: ${outcome.trouble}`, hint }];
      } finally {
        resolver.close();
      }
    },
  };
}

/**
 * The configuration as the inbound engine reads it, and what an operator should hear about it.
 *
 * A setting that is not mapped here has no effect on sessions. The kinds of the configuration are
 * those of the engine, with `submissions` for submission whose TLS begins with the connection.
 *
 * Callers: app/postern, app/compose-mail. Nothing here throws.
 */
import type { Logger } from '../core/log.js';
import {
  DEFAULT_LIMITS,
  DEFAULT_LISTENER,
  type EngineSettings,
  type ListenerSettings,
} from '../engine/settings.js';
import { configuredRoutes } from './compose-delivery.js';
import type { Config } from './config-types.js';
import { mostSockets } from './open-files.js';

/** The setting counts a line with its end, as RFC 5321 §4.5.3.1.4 does; the engine counts without. */
const LINE_END_OCTETS = 2;

type ListenerConfig = Config['listeners'][number];

function listenerSettings(listener: ListenerConfig): ListenerSettings {
  const { backlog, banner, greeting } = DEFAULT_LISTENER;
  return {
    name: listener.name,
    kind: listener.kind === 'submissions' ? 'submission' : listener.kind,
    host: listener.host,
    port: listener.port,
    banner: listener.kind === 'lmtp' ? 'LMTP Postern' : banner,
    greeting,
    backlog,
    earlyTalkerDelayMs: listener.earlyTalkerDelay,
    maxConnections: listener.maxConnections,
    maxConnectionsPerAddress: listener.maxConnectionsPerIp,
    idleTimeoutMs: listener.idleTimeout,
    commandTimeoutMs: listener.commandTimeout,
    dataTimeoutMs: listener.dataTimeout,
    minDataRate: listener.minDataRate,
    tls: listener.tls,
    auth: listener.auth,
    authInClear: listener.authInClear,
    proxyNetworks: listener.proxyNetworks,
    xclientNetworks: listener.xclientNetworks,
    trustedNetworks: listener.trustedNetworks,
    lineEndings: listener.lineEnds,
  };
}

/** Whether mail may go on to another server, which need not take what we take. */
function hasNextHop(config: Config): boolean {
  return configuredRoutes(config).some(({ hop }) => hop !== undefined);
}

export function engineSettings(config: Config): EngineSettings {
  const { hostname, localDomains, limits } = config;
  return {
    listeners: config.listeners.map(listenerSettings),
    hostname,
    authservId: config.authenticationResults.authservId || hostname,
    addAuthenticationResults: config.authenticationResults.add,
    localDomains,
    outbound: config.outbound !== 'none',
    initialValues: {
      // The policy surface counts in KiB; what does not fill one is not promised.
      maxDataSize: Math.max(1, Math.floor(limits.maxDataSize / 1024)),
      maxRcptCount: limits.maxRcptCount,
      maxReceivedHeaders: limits.maxReceivedHeaders,
      // Nothing is converted on the way: binary mail fails at a next hop without BINARYMIME, and few
      // have it. A policy that knows better switches it on.
      ...(hasNextHop(config) ? { allowBinaryData: 'no' } : {}),
    },
    limits: {
      ...DEFAULT_LIMITS,
      maxConnections: limits.maxConnections,
      maxSockets: mostSockets(),
      maxErrors: limits.maxErrors,
      maxCommandOctets: limits.maxCommandLength - LINE_END_OCTETS,
    },
  };
}

/** Says once, at the start, what a default quietly leaves out. */
export function tellListeners({ listeners, tls, limits }: Config, log: Logger): void {
  const connections = mostSockets();
  if (connections < limits.maxConnections) {
    log.warn('open files are limited to fewer connections than limits.maxConnections', { connections });
  }
  const unencrypted = listeners.filter((listener) => listener.tls === 'offered').map(({ name }) => name);
  if (tls.certificate !== '' || unencrypted.length === 0) return;
  log.info('tls.certificate is not set; TLS is not offered', { listeners: unencrypted.join(', ') });
}

/**
 * Puts the mail side together: queue, local delivery, inbound engine.
 *
 * Callers: app/postern. Rejects with QueueError when the data directory cannot be used.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { createDispatcher } from '../delivery/dispatcher.js';
import { createMaildirTransport } from '../delivery/local/maildir.js';
import { createSmtpEngine, type SmtpEngine } from '../engine/engine.js';
import type { Intake } from '../engine/ports.js';
import { DEFAULT_LIMITS, DEFAULT_LISTENER, type EngineSettings } from '../engine/settings.js';
import type { PolicyRuntime } from '../hooks/ports.js';
import { openQueue } from '../queue/open.js';
import type { Queue } from '../queue/queue.js';
import type { Config } from './config-types.js';
import { type FreeSpace, watchFreeSpace } from './free-space.js';
import { queueDir } from './paths.js';
import type { Teardown } from './teardown.js';

export interface MailDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly policies: PolicyRuntime;
  readonly sessionIds: () => string;
}

export interface Mail {
  readonly engine: SmtpEngine;
  readonly queue: Queue;
  readonly health: () => { readonly ok: boolean; readonly text: string };
}

/** The configuration as the engine reads it; a setting that is not mapped here has no effect. */
export function engineSettings(config: Config): EngineSettings {
  const { hostname, localDomains, limits } = config;
  return {
    listeners: config.listeners.map((listener) => ({
      ...DEFAULT_LISTENER,
      name: listener.name,
      host: listener.host,
      port: listener.port,
      earlyTalkerDelayMs: listener.earlyTalkerDelay,
      maxConnections: listener.maxConnections,
      maxConnectionsPerAddress: listener.maxConnectionsPerIp,
      idleTimeoutMs: listener.idleTimeout,
      commandTimeoutMs: listener.commandTimeout,
      dataTimeoutMs: listener.dataTimeout,
      trustedNetworks: listener.trustedNetworks,
      lineEndings: listener.lineEnds,
    })),
    hostname,
    localDomains,
    outbound: config.outbound !== 'none',
    initialValues: {
      // The policy surface counts in KiB; what does not fill one is not promised.
      maxDataSize: Math.max(1, Math.floor(limits.maxDataSize / 1024)),
      maxRcptCount: limits.maxRcptCount,
      maxReceivedHeaders: limits.maxReceivedHeaders,
    },
    limits: { ...DEFAULT_LIMITS, maxErrors: limits.maxErrors, maxCommandOctets: limits.maxCommandLength },
  };
}

function intakeOf(queue: Queue, space: FreeSpace): Intake {
  return {
    beginBody(queueId) {
      const body = queue.createBody(queueId);
      return {
        write: (octets) => body.write(octets),
        async finish() {
          await space.require();
          return await body.finish();
        },
        abort: () => body.abort(),
      };
    },
    accept: (entry) => queue.accept(entry),
  };
}

export async function composeMail(config: Config, deps: MailDeps, teardown: Teardown): Promise<Mail> {
  const { clock, facts, log } = deps;
  const queue = await openQueue({
    dir: queueDir(config),
    clock,
    facts,
    log,
    thresholdBytes: config.queue.spoolThreshold,
  });
  teardown.add('queue', () => queue.close());
  const dispatcher = createDispatcher({
    queue,
    transport: createMaildirTransport({ root: config.delivery.maildir, hostname: config.hostname }),
    clock,
    facts,
    log,
    retry: {
      firstRetryMs: config.queue.firstRetry,
      maxRetryMs: config.queue.maxRetry,
      lifetimeMs: config.queue.lifetime,
    },
    stopMs: config.shutdownTimeout,
  });
  dispatcher.start();
  teardown.add('delivery', () => dispatcher.stop());
  const settings = engineSettings(config);
  const space = watchFreeSpace({ dir: config.dataDir, minimum: config.queue.minFreeSpace, clock, log });
  const engine = createSmtpEngine({ ...deps, intake: intakeOf(queue, space) }, () => settings);
  return { engine, queue, health: () => ({ ok: true, text: 'ok' }) };
}

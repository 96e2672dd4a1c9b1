/**
 * Puts the mail side together: queue, local delivery, inbound engine. The queue is opened by itself and
 * before everything else, because the checks of policies keep their memory in its store.
 *
 * Callers: app/postern. Rejects with QueueError when the data directory cannot be used.
 */
import { createDispatcher } from '../delivery/dispatcher.js';
import { createSmtpEngine, type SmtpEngine } from '../engine/engine.js';
import type { EngineDeps, Intake } from '../engine/ports.js';
import { openQueue } from '../queue/open.js';
import type { Queue } from '../queue/queue.js';
import type { SettingsSource } from '../settings/settings-table.js';
import { liveEngineSettings } from './admin-effect.js';
import { composeDelivery } from './compose-delivery.js';
import { engineSettings } from './compose-listeners.js';
import type { Config } from './config-types.js';
import { type FreeSpace, watchFreeSpace } from './free-space.js';
import { type Health, type HealthWatch, watchHealth } from './health.js';
import { queueDir } from './paths.js';
import type { Teardown } from './teardown.js';

/** What the engine needs; its intake is made here, from the queue. */
export interface MailDeps extends Omit<EngineDeps, 'intake'> {
  readonly queue: Queue;
  readonly admin: SettingsSource;
}

export interface Mail {
  readonly engine: SmtpEngine;
  readonly health: () => Promise<Health>;
}

function intakeOf(queue: Queue, space: FreeSpace, health: HealthWatch): Intake {
  return {
    beginBody(queueId) {
      const body = queue.createBody(queueId);
      return {
        write(octets) {
          const writing = body.write(octets);
          return writing && health.noting(writing);
        },
        async finish() {
          await space.require();
          return await health.noting(body.finish());
        },
        abort: () => body.abort(),
      };
    },
    accept: (entry) => health.noting(queue.accept(entry)),
  };
}

export async function openMailQueue(
  config: Config,
  { clock, facts, log }: Pick<EngineDeps, 'clock' | 'facts' | 'log'>,
  teardown: Teardown,
): Promise<Queue> {
  const queue = await openQueue({
    dir: queueDir(config),
    clock,
    facts,
    log,
    thresholdBytes: config.queue.spoolThreshold,
  });
  teardown.add('queue', () => queue.close());
  return queue;
}

export function composeMail(config: Config, { admin, ...deps }: MailDeps, teardown: Teardown): Mail {
  const { clock, facts, log, queue } = deps;
  const settings = liveEngineSettings(engineSettings(config), admin);
  const delivery = composeDelivery(config, clock);
  teardown.add('next hops', () => delivery.close());
  const dispatcher = createDispatcher({
    queue,
    transport: delivery.transport,
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
  const space = watchFreeSpace({ dir: config.dataDir, minimum: config.queue.minFreeSpace, clock, log });
  const health = watchHealth({ queue, space, clock });
  const engine = createSmtpEngine({ ...deps, intake: intakeOf(queue, space, health) }, settings);
  return { engine, health: () => health.check() };
}

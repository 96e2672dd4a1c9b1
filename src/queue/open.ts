/**
 * Opens a queue directory: lock, store, spool, recovery, in this order.
 *
 * Layout: `lock`, `queue.db` with its log, `spool/`. One process opens a directory exclusively
 * and recovers it; other processes of the same group pass `exclusive: false` and share it. Who only
 * looks passes `readOnly` and then makes, locks, migrates and empties nothing.
 *
 * Callers: app. Fails with ERR_QUEUE_LOCKED, or ERR_QUEUE_OPEN for everything else; after a
 * failure nothing is left open.
 */
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { isEngineError, messageOf, QueueError } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { DEFAULT_THRESHOLD_BYTES, openBodies } from './bodies.js';
import { makeDirectory } from './durable-files.js';
import { lockDirectory } from './lock.js';
import { createQueue, type Queue } from './queue.js';
import { recover } from './recover.js';
import { inlineChannel, threadChannel, type Channel } from './sqlite/channel.js';
import { createSqliteStore } from './sqlite/store.js';
import { noSteps, type StepHook } from './steps.js';
import type { Store } from './store.js';
import { startSweep } from './sweep.js';

export interface OpenQueueOptions {
  /** The queue's directory; made when it is missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  /** Take the lock and recover. Default: true. */
  readonly exclusive?: boolean;
  /** Only look: takes no lock, and every change is refused as ERR_QUEUE_WRITE. Default: false. */
  readonly readOnly?: boolean;
  /** Run the database on the calling thread; for one-shot commands and tests. Default: false. */
  readonly inline?: boolean;
  /** Largest body kept in the database, octets. Default 131072. */
  readonly thresholdBytes?: number;
  /** Largest size of the database file, octets. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** For tests that stop at a durable step; database steps are heard with `inline` only. */
  readonly steps?: StepHook;
}

function openChannel(options: OpenQueueOptions): Channel {
  const file = join(options.dir, 'queue.db');
  const { readOnly = false, maxBytes } = options;
  const database = maxBytes === undefined ? { file, readOnly } : { file, readOnly, maxBytes };
  return options.inline === true
    ? inlineChannel(database, options.steps ?? noSteps)
    : threadChannel(database);
}

/** Whether this process is the directory's owner, who locks and recovers it. */
function isOwner({ exclusive = true, readOnly = false }: OpenQueueOptions): boolean {
  return exclusive && !readOnly;
}

async function openParts(
  options: OpenQueueOptions,
  owner: string,
  unlock: () => Promise<void>,
): Promise<Queue> {
  const { dir, clock, facts, log } = options;
  const bodies = await openBodies({
    dir: join(dir, 'spool'),
    thresholdBytes: options.thresholdBytes ?? DEFAULT_THRESHOLD_BYTES,
    steps: options.steps ?? noSteps,
    readOnly: options.readOnly ?? false,
  });
  const store: Store = createSqliteStore({
    open: () => openChannel(options),
    clock,
    openBodyFile: (queueId, size, crc) => bodies.open(queueId, size, crc),
    onTrouble(error) {
      log.error(error.message, { code: error.code });
      facts.publish('queue.trouble', { code: error.code, message: error.message });
    },
  });
  try {
    if (isOwner(options)) await recover({ store, bodies, clock, facts, owner });
    // The first question opens the database; what is wrong with it is heard here and not at a message.
    else await store.count();
  } catch (error) {
    await store.close();
    throw error;
  }
  const stopSweep = isOwner(options) ? startSweep({ store, clock, log }) : undefined;
  return createQueue({ store, bodies, clock, facts, owner, stopSweep, unlock });
}

export async function openQueue(options: OpenQueueOptions): Promise<Queue> {
  const { dir, clock } = options;
  const owner = `${process.pid}.${clock.random(6).toString('hex')}`;
  let unlock = async (): Promise<void> => {
    // Nothing was locked.
  };
  try {
    if (options.readOnly !== true) await makeDirectory(dir, 0o700);
    if (isOwner(options)) unlock = await lockDirectory(dir);
    return await openParts(options, owner, unlock);
  } catch (error) {
    await unlock();
    if (isEngineError(error, 'ERR_QUEUE_LOCKED')) throw error;
    throw new QueueError('ERR_QUEUE_OPEN', { cause: error, detail: { dir, reason: messageOf(error) } });
  }
}

/**
 * Keeps the queue's disk from filling up: no room, no new mail.
 *
 * Asks the file system at most once in LOOK_MS however much mail arrives. A file system that does
 * not answer is taken for one with room: the queue itself still refuses what it cannot write.
 *
 * Callers: app/compose-mail wraps the engine's intake with it. Refuses with ERR_QUEUE_FULL, which
 * the client hears as 452 and tries again.
 */
import { statfs } from 'node:fs/promises';
import type { Clock } from '../core/clock.js';
import { messageOf, QueueError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { formatSize } from '../core/units.js';

const LOOK_MS = 2000;

export interface FreeSpace {
  /** Resolves while there is room; rejects with ERR_QUEUE_FULL. */
  require(): Promise<void>;
}

export interface FreeSpaceOptions {
  readonly dir: string;
  /** Octets that must stay free. */
  readonly minimum: number;
  readonly clock: Clock;
  readonly log: Logger;
}

async function freeOctets(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

export function watchFreeSpace({ dir, minimum, clock, log }: FreeSpaceOptions): FreeSpace {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let free = Number.POSITIVE_INFINITY;
  const look = async (): Promise<void> => {
    lookedAt = clock.elapsed();
    try {
      free = await freeOctets(dir);
    } catch (error) {
      free = Number.POSITIVE_INFINITY;
      log.warn('free disk space cannot be read; new mail is accepted', { dir, error: messageOf(error) });
    }
  };
  return {
    async require() {
      if (clock.elapsed() - lookedAt >= LOOK_MS) await look();
      if (free >= minimum) return;
      const reason = `${formatSize(free)} free on the disk of ${dir}, queue.minFreeSpace is ${formatSize(minimum)}`;
      throw new QueueError('ERR_QUEUE_FULL', { detail: { reason } });
    },
  };
}

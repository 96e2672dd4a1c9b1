/**
 * What a crash can leave behind, and what becomes of it. Runs once, before the first message.
 *
 *   a lease of a process that has gone: ended; the entry is tried again at once;
 *   the same again and again: the message itself may be the cause, so it is parked (crashes.ts);
 *   an unfinished file in spool/tmp: removed, nothing was promised for it;
 *   a body file without a row: removed, it was never accepted or has been delivered;
 *   a row without its body file: parked, the operator has to know.
 *
 * Only the one process that holds the directory's lock may run this: in any other, a lease or a
 * file without a row may belong to somebody who is alive.
 *
 * Callers: queue/queue. Publishes `queue.recovered`, and `queue.trouble` for each parked entry.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Bodies } from './bodies.js';
import type { Store } from './store.js';

export interface RecoverDependencies {
  readonly store: Store;
  readonly bodies: Bodies;
  readonly clock: Clock;
  readonly facts: FactBus;
  /** The owner name of the process that starts. */
  readonly owner: string;
}

const PAGE = 1000;

/** Compares rows with files: leaves in `published` the files without a row, answers the rows without a file. */
async function findMissing(store: Store, published: Set<string>): Promise<readonly string[]> {
  const missing: string[] = [];
  let after = '';
  for (;;) {
    const ids = await store.bodyFileIds(after, PAGE);
    for (const id of ids) if (!published.delete(id)) missing.push(id);
    const last = ids.at(-1);
    if (ids.length < PAGE || last === undefined) return missing;
    after = last;
  }
}

export async function recover({ store, bodies, clock, facts, owner }: RecoverDependencies): Promise<void> {
  const leases = await store.recoverLeases(owner, clock.now());
  for (const queueId of leases.parked) {
    facts.publish('queue.trouble', {
      code: 'ERR_QUEUE_CORRUPT',
      message: `${queueId} was being delivered at each of the last crashes and has been set aside`,
    });
  }

  const unfinished = await bodies.clearUnfinished();
  const published = await bodies.published();
  const missing = await findMissing(store, published);
  for (const queueId of published) await bodies.remove(queueId);

  let parked = leases.parked.length;
  for (const queueId of missing) {
    if (!(await store.park(queueId, 'the body file is missing', clock.now()))) continue;
    parked += 1;
    facts.publish('queue.trouble', {
      code: 'ERR_QUEUE_CORRUPT',
      message: `${queueId} has lost its body file and has been set aside`,
    });
  }
  facts.publish('queue.recovered', { released: leases.released, swept: unfinished + published.size, parked });
}

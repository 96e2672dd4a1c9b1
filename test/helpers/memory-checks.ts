/**
 * Greylist and rate counters in memory, judged as the real store judges; breaks when it is told to.
 */
import { judge, type NetworkRow, type TripletRow } from '../../src/queue/greylist.js';
import { countIn, type Run } from '../../src/queue/rate-window.js';
import type { Store } from '../../src/queue/store.js';

export interface MemoryChecks extends Pick<Store, 'greylist' | 'countRate'> {
  /** What every further call fails with. */
  broken: Error | undefined;
  /** Keys that were asked about, in order. */
  readonly keys: string[];
}

export function createMemoryChecks(): MemoryChecks {
  const triplets = new Map<string, TripletRow>();
  const networks = new Map<string, NetworkRow>();
  const rates = new Map<string, readonly Run[]>();
  const keys: string[] = [];
  const checks: MemoryChecks = {
    broken: undefined,
    keys,
    greylist(question) {
      if (checks.broken) return Promise.reject(checks.broken);
      const { key, network } = question;
      keys.push(key);
      const judged = judge(question, { triplet: triplets.get(key), network: networks.get(network) });
      if (judged.triplet) triplets.set(key, judged.triplet);
      if (judged.network) networks.set(network, judged.network);
      return Promise.resolve(judged.finding);
    },
    countRate(question) {
      if (checks.broken) return Promise.reject(checks.broken);
      const key = `${question.windowMs} ${question.key}`;
      keys.push(question.key);
      const { finding, runs } = countIn(rates.get(key) ?? [], question);
      if (runs) rates.set(key, runs);
      return Promise.resolve(finding);
    },
  };
  return checks;
}

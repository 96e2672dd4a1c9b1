/** Claims as the contract tests of the Store port make them. */
import type { ClaimedEntry, Store } from '../../src/queue/store.js';
import { sampleEntry } from './queue-samples.js';

export const T0 = sampleEntry(0).receivedAt;
export const LEASE_MS = 60_000;

export async function claimAll(store: Store, now = T0, owner = 'a'): Promise<readonly ClaimedEntry[]> {
  return (await store.claim({ now, limit: 100, owner, leaseMs: LEASE_MS })).claimed;
}

export async function claimOne(store: Store, now = T0, owner = 'a'): Promise<ClaimedEntry> {
  const [claimed] = (await store.claim({ now, limit: 1, owner, leaseMs: LEASE_MS })).claimed;
  if (!claimed) throw new Error('nothing to claim');
  return claimed;
}

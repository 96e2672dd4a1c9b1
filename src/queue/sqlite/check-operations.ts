/**
 * Greylist and rate counters on the tables: one operation looks, judges and writes.
 *
 * Because operations run one after the other inside a transaction that no other process shares,
 * two calls with one left can never both be allowed. The tables are bounded: who adds a row to a
 * full one first takes some away, in the order in which they are missed least.
 *
 * Callers: sqlite/operations. A crash before the commit leaves nothing of an operation.
 */
import { judge, type NetworkRow } from '../greylist.js';
import { countIn, decodeRuns, encodeRuns } from '../rate-window.js';
import type { Handler } from './handler.js';
import type { Statements } from './statements.js';

type Table = 'greylist' | 'networks' | 'rates';

const EVICT = { greylist: 'evictTriplets', networks: 'evictNetworks', rates: 'evictRates' } as const;

/** How many rows go at once when there is no room: few, so that no call waits for long. */
const EVICTED_AT_ONCE = 16;

/** Counts a row that is about to be added, and makes room for it. */
function makeRoom(sql: Statements, table: Table, most: number): void {
  const { n } = sql.sizeOf.get(table) as { n: number };
  const evicted = n < most ? 0 : sql[EVICT[table]].run(EVICTED_AT_ONCE).changes;
  sql.addSize.run(1 - evicted, table);
}

interface StoredTriplet {
  readonly firstSeen: number;
  readonly confirmed: number;
  readonly expires: number;
}

export const greylist: Handler<'greylist'> = (sql, { question, mostTriplets, mostNetworks }) => {
  const { key, network } = question;
  const knownNetwork = sql.network.get(network) as NetworkRow | undefined;
  const known = sql.triplet.get(key) as StoredTriplet | undefined;
  const triplet = known && { ...known, confirmed: known.confirmed === 1 };
  const judged = judge(question, { triplet, network: knownNetwork });
  if (judged.triplet) {
    if (!known) makeRoom(sql, 'greylist', mostTriplets);
    const { firstSeen, confirmed, expires } = judged.triplet;
    sql.putTriplet.run(key, firstSeen, confirmed ? 1 : 0, expires);
  }
  if (judged.network) {
    if (!knownNetwork) makeRoom(sql, 'networks', mostNetworks);
    sql.putNetwork.run(network, judged.network.confirmed, judged.network.expires);
  }
  return { value: judged.finding };
};

interface StoredRate {
  readonly base: number;
  readonly runs: Uint8Array;
  readonly expires: number;
}

/** Rows expire at whole eighths of their window, so that not every count moves them in the index. */
function expiryOf(now: number, windowMs: number): number {
  const step = Math.max(1, Math.floor(windowMs / 8));
  return Math.ceil((now + windowMs) / step) * step;
}

export const countRate: Handler<'countRate'> = (sql, { question, mostRates }) => {
  const { key, windowMs, now } = question;
  const stored = sql.rate.get(key, windowMs) as StoredRate | undefined;
  const { finding, runs } = countIn(stored ? decodeRuns(stored.base, stored.runs) : [], question);
  if (runs === undefined) return { value: finding };
  const base = runs[0]?.at ?? now;
  const octets = encodeRuns(runs);
  const expires = expiryOf(now, windowMs);
  if (stored?.expires === expires) sql.updateRate.run(base, octets, key, windowMs);
  else {
    if (!stored) makeRoom(sql, 'rates', mostRates);
    sql.putRate.run(key, windowMs, base, octets, expires);
  }
  return { value: finding };
};

export const sweepChecks: Handler<'sweepChecks'> = (sql, { now, limit }) => {
  const removed = {
    greylist: sql.sweepTriplets.run(0, now, limit).changes + sql.sweepTriplets.run(1, now, limit).changes,
    networks: sql.sweepNetworks.run(now, limit).changes,
    rates: sql.sweepRates.run(now, limit).changes,
  };
  for (const [table, count] of Object.entries(removed)) if (count > 0) sql.addSize.run(-count, table);
  return { value: removed.greylist + removed.networks + removed.rates };
};

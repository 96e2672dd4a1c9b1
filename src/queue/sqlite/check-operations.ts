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

/** Names of `check_sizes`; `confirmed` counts some of the triplets once more. */
type Size = 'greylist' | 'confirmed' | 'networks' | 'rates';

/** How many rows go at once when there is no room: few, so that no call waits for long. */
const EVICTED_AT_ONCE = 16;

/** At most this part of a table goes at once, so that what has just come to a small one stays. */
const EVICTED_PART = 1 / 32;

function sizeOf(sql: Statements, name: Size): number {
  return (sql.sizeOf.get(name) as { n: number }).n;
}

function addSize(sql: Statements, name: Size, change: number): void {
  if (change !== 0) sql.addSize.run(change, name);
}

function evictedAtOnce(most: number): number {
  return Math.max(1, Math.min(EVICTED_AT_ONCE, Math.floor(most * EVICTED_PART)));
}

/** Counts a row that is about to be added, and makes room for it. */
function makeRoom(sql: Statements, table: 'networks' | 'rates', most: number): void {
  const evict = table === 'networks' ? sql.evictNetworks : sql.evictRates;
  const evicted = sizeOf(sql, table) < most ? 0 : evict.run(evictedAtOnce(most)).changes;
  addSize(sql, table, 1 - evicted);
}

/**
 * The same for a triplet. Unconfirmed ones go first, because anybody can invent them, but a quarter
 * of the places is theirs: a newcomer has to stay until it has waited, or it never passes.
 */
function makeRoomForTriplet(sql: Statements, most: number): void {
  const all = sizeOf(sql, 'greylist');
  if (all < most) {
    addSize(sql, 'greylist', 1);
    return;
  }
  const unconfirmed = all - sizeOf(sql, 'confirmed');
  const confirmed = unconfirmed < most / 4 ? 1 : 0;
  const evicted = sql.evictTriplets.run(confirmed, evictedAtOnce(most)).changes;
  addSize(sql, 'greylist', 1 - evicted);
  if (confirmed === 1) addSize(sql, 'confirmed', -evicted);
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
    if (!known) makeRoomForTriplet(sql, mostTriplets);
    const { firstSeen, expires } = judged.triplet;
    const confirmed = judged.triplet.confirmed ? 1 : 0;
    sql.putTriplet.run(key, firstSeen, confirmed, expires);
    addSize(sql, 'confirmed', confirmed - (known?.confirmed ?? 0));
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
  const unconfirmed = sql.sweepTriplets.run(0, now, limit).changes;
  const confirmed = sql.sweepTriplets.run(1, now, limit - unconfirmed).changes;
  const networks = sql.sweepNetworks.run(now, limit).changes;
  const rates = sql.sweepRates.run(now, limit).changes;
  addSize(sql, 'greylist', -unconfirmed - confirmed);
  addSize(sql, 'confirmed', -confirmed);
  addSize(sql, 'networks', -networks);
  addSize(sql, 'rates', -rates);
  return { value: unconfirmed + confirmed + networks + rates };
};

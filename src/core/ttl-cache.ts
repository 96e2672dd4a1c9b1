/**
 * A cache bounded in time, in entries and in weight.
 *
 * An entry lives until its time is over, or until newer entries need its room: then the oldest goes
 * that was not used since it was last looked at. Time is monotonic, so a change of the wall clock
 * revives nothing. Every operation takes constant time on average, whatever the cache holds, and
 * a hit moves nothing.
 *
 * Callers: the caching resolver, checks, delivery. Never throws.
 */
import type { Clock } from './clock.js';

export interface TtlCacheOptions<V> {
  readonly clock: Clock;
  /** Most entries kept; at least 1. */
  readonly maxEntries: number;
  /** Most weight kept, in the unit of `weigh`. Default: no bound but `maxEntries`. */
  readonly maxWeight?: number;
  /** The weight of one value, not negative. Default: 0. */
  readonly weigh?: (value: V, key: string) => number;
}

export interface CacheHit<V> {
  readonly value: V;
  /** Milliseconds until the entry ends; more than 0. */
  readonly remainingMs: number;
}

export interface TtlCache<V> {
  get(key: string): CacheHit<V> | undefined;
  /** Keeps `value` for `ttlMs`; a time of 0 or less, or a value heavier than the cache, removes the key. */
  set(key: string, value: V, ttlMs: number): void;
  delete(key: string): void;
  clear(): void;
  /** Entries held, those that ended but were not yet swept included. */
  readonly size: number;
  readonly weight: number;
}

interface Entry<V> {
  readonly value: V;
  readonly endsAt: number;
  readonly weight: number;
  /** Used since room was last sought: it gets a second chance. */
  used: boolean;
}

export function createTtlCache<V>(options: TtlCacheOptions<V>): TtlCache<V> {
  const { clock, weigh } = options;
  const maxEntries = Math.max(1, options.maxEntries);
  const maxWeight = options.maxWeight ?? Number.POSITIVE_INFINITY;
  // A Map keeps the order of insertion, so room is sought from the oldest on.
  const entries = new Map<string, Entry<V>>();
  let weight = 0;

  function remove(key: string, entry: Entry<V>): void {
    entries.delete(key);
    weight -= entry.weight;
  }

  function makeRoom(wanted: number): void {
    for (const [key, entry] of entries) {
      if (entries.size < maxEntries && weight + wanted <= maxWeight) return;
      entries.delete(key);
      if (entry.used) {
        // To the end as one unused: the second time round it goes, so the loop ends.
        entry.used = false;
        entries.set(key, entry);
      } else weight -= entry.weight;
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      const remainingMs = entry.endsAt - clock.elapsed();
      if (remainingMs <= 0) {
        remove(key, entry);
        return undefined;
      }
      entry.used = true;
      return { value: entry.value, remainingMs };
    },
    set(key, value, ttlMs) {
      const old = entries.get(key);
      if (old) remove(key, old);
      const own = weigh ? Math.max(0, weigh(value, key)) : 0;
      if (!(ttlMs > 0) || own > maxWeight) return;
      makeRoom(own);
      entries.set(key, { value, endsAt: clock.elapsed() + ttlMs, weight: own, used: false });
      weight += own;
    },
    delete(key) {
      const entry = entries.get(key);
      if (entry) remove(key, entry);
    },
    clear() {
      entries.clear();
      weight = 0;
    },
    get size() {
      return entries.size;
    },
    get weight() {
      return weight;
    },
  };
}

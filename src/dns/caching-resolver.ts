/**
 * A resolver that remembers.
 *
 * Answers live as long as their records say, within bounds; "nothing there" lives as long as the
 * zone says, 300 seconds at most; trouble lives a second, so that a storm of sessions does not
 * become a storm of questions, and is never mistaken for an answer. Equal questions in flight
 * become one. An asker that leaves gets its `aborted` at once and takes nothing from the others;
 * when the last one leaves, the question itself is called off. A hit makes nothing new: askers of
 * the same second share one settled promise.
 *
 * Callers: app, cli. Never rejects. RFC 2308 §5, RFC 2308 §7.1.
 */
import type { Clock } from '../core/clock.js';
import { type TtlCache, createTtlCache } from '../core/ttl-cache.js';
import { foldName } from './host-name.js';
import type { DnsOutcome, RecordData, RecordType, ResolveOptions, Resolver } from './resolver.js';

export interface CachingResolverOptions {
  readonly clock: Clock;
  readonly resolver: Resolver;
  /** Most answers kept. Default 20,000. */
  readonly maxEntries?: number;
  /** Most octets of names and records kept, roughly. Default 32 MiB. */
  readonly maxOctets?: number;
  /** Longest life of an answer, seconds. Default 3600. */
  readonly maxTtlSeconds?: number;
  /** Life of trouble, milliseconds; 0 keeps none. Default 1000. */
  readonly troubleMs?: number;
}

type Outcome = DnsOutcome<RecordData[RecordType]>;

/** What the cache holds: an outcome, and the promise of it that askers of one second share. */
interface Kept {
  readonly outcome: Outcome;
  /** The time that `said` tells; counts down while the entry lives. */
  ttlSeconds: number;
  said: Promise<Outcome>;
}

const NEGATIVE_MOST_SECONDS = 300;
/** What an entry costs beside its text. */
const ENTRY_OCTETS = 256;
const GONE: Outcome = { status: 'tempFail', trouble: 'aborted', detail: 'the asker has gone' };
const CLOSED: Outcome = { status: 'tempFail', trouble: 'aborted', detail: 'the resolver is closed' };

export function createCachingResolver(options: CachingResolverOptions): Resolver {
  const cache = createTtlCache<Kept>({
    clock: options.clock,
    maxEntries: options.maxEntries ?? 20_000,
    maxWeight: options.maxOctets ?? 32 * 1024 * 1024,
    weigh: ({ outcome }, key) => ENTRY_OCTETS + key.length + octetsOf(outcome),
  });
  const desk = new Desk(options, cache);
  return {
    resolve<T extends RecordType>(name: string, type: T, options?: ResolveOptions) {
      // The key holds the type, so what comes back under it is of that type.
      return desk.ask(name, type, options) as Promise<DnsOutcome<RecordData[T]>>;
    },
    close() {
      desk.close();
      options.resolver.close();
    },
  };
}

/** One question in flight and those who wait for it. */
class Flight {
  readonly #waiting = new Set<(outcome: Outcome) => void>();
  readonly #callOff = new AbortController();
  get signal(): AbortSignal {
    return this.#callOff.signal;
  }

  land(outcome: Outcome): void {
    for (const hear of this.#waiting) hear(outcome);
    this.#waiting.clear();
  }

  /** Resolves when the flight lands or when `signal` aborts, whichever is first. */
  wait(signal: AbortSignal | undefined, onEmpty: () => void): Promise<Outcome> {
    return new Promise((resolve) => {
      const hear = (outcome: Outcome): void => {
        signal?.removeEventListener('abort', leave);
        resolve(outcome);
      };
      const leave = (): void => {
        this.#waiting.delete(hear);
        resolve(GONE);
        if (this.#waiting.size > 0) return;
        // Out of the table first: who asks from now on starts a new question.
        onEmpty();
        this.#callOff.abort();
      };
      this.#waiting.add(hear);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}

class Desk {
  readonly #options: CachingResolverOptions;
  readonly #cache: TtlCache<Kept>;
  readonly #flights = new Map<string, Flight>();
  #closed = false;

  constructor(options: CachingResolverOptions, cache: TtlCache<Kept>) {
    this.#options = options;
    this.#cache = cache;
  }

  ask(name: string, type: RecordType, options: ResolveOptions | undefined): Promise<Outcome> {
    if (this.#closed) return Promise.resolve(CLOSED);
    const key = `${type} ${foldName(name)}`;
    const hit = this.#cache.get(key);
    if (hit) return sayAgain(hit.value, hit.remainingMs);
    // Read no earlier: some signals are made when they are first asked for.
    const signal = options?.signal;
    if (signal?.aborted) return Promise.resolve(GONE);
    const flight = this.#flights.get(key) ?? this.#depart(key, name, type);
    return flight.wait(signal, () => {
      this.#forget(key, flight);
    });
  }

  close(): void {
    this.#closed = true;
    this.#cache.clear();
    for (const flight of this.#flights.values()) flight.land(CLOSED);
    this.#flights.clear();
  }

  #depart(key: string, name: string, type: RecordType): Flight {
    const flight = new Flight();
    this.#flights.set(key, flight);
    this.#options.resolver.resolve(name, type, { signal: flight.signal }).then(
      (outcome) => {
        this.#forget(key, flight);
        if (!this.#closed) this.#cache.set(key, kept(outcome), this.#lifeMs(outcome));
        flight.land(outcome);
      },
      (error: unknown) => {
        // The port forbids this; an implementation that does it anyway must not leave askers hanging.
        this.#forget(key, flight);
        flight.land({ status: 'tempFail', trouble: 'network', detail: String(error) });
      },
    );
    return flight;
  }

  #forget(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  #lifeMs(outcome: Outcome): number {
    switch (outcome.status) {
      case 'found':
        return Math.min(outcome.ttlSeconds, this.#options.maxTtlSeconds ?? 3600) * 1000;
      case 'none':
        return Math.min(outcome.ttlSeconds, NEGATIVE_MOST_SECONDS) * 1000;
      case 'tempFail': {
        const isAboutTheName = outcome.trouble !== 'aborted' && outcome.trouble !== 'badName';
        return isAboutTheName ? (this.#options.troubleMs ?? 1000) : 0;
      }
    }
  }
}

function kept(outcome: Outcome): Kept {
  const ttlSeconds = outcome.status === 'tempFail' ? 0 : outcome.ttlSeconds;
  return { outcome, ttlSeconds, said: Promise.resolve(outcome) };
}

/** The outcome with the time that it still has; a new one only when that time has changed. */
function sayAgain(entry: Kept, remainingMs: number): Promise<Outcome> {
  const left = Math.ceil(remainingMs / 1000);
  if (left < entry.ttlSeconds) {
    entry.ttlSeconds = left;
    entry.said = Promise.resolve({ ...entry.outcome, ttlSeconds: left });
  }
  return entry.said;
}

function octetsOf(outcome: Outcome): number {
  if (outcome.status !== 'found') return 0;
  let octets = 0;
  for (const record of outcome.records) {
    octets += 64 + 2 * (typeof record === 'string' ? record.length : record.exchange.length);
  }
  return octets;
}

/**
 * Wrong passwords, counted per client address across sessions.
 *
 * An IPv6 client counts by its /64, which one customer has whole. Each wrong password delays the
 * next attempt from there, longer each time; too many within a window lock the address out for a
 * while. Attempts that run already count as if they were wrong, so that guessing on many
 * connections at once gains nothing. A success forgives the failures of that user alone.
 *
 * Callers: authenticator. Memory is bounded: the address that was quiet longest is forgotten first.
 */
import type { Clock } from '../core/clock.js';
import { clientKey } from '../dns/client-key.js';
import { createFailures, type FailureLimits, type Failures } from './failures.js';

export interface AttemptsOptions extends Partial<FailureLimits> {
  readonly clock: Clock;
  /** Addresses remembered. Default 20000, of at most some 2 KB each. */
  readonly maxAddresses?: number;
}

/** An attempt that may go on; it ends with the first call of one of these, and must end. */
export interface Attempt {
  succeeded(user: string): void;
  failed(user: string): void;
  /** Nothing was learnt: the client went away, or the answer was temporary. */
  abandoned(): void;
}

export type AttemptAnswer =
  | { readonly status: 'allowed'; readonly attempt: Attempt }
  /** Wait `delayMs` before the password is looked at. */
  | { readonly status: 'delayed'; readonly delayMs: number; readonly attempt: Attempt }
  /** As many attempts from there run as could be wrong without a lock; ask again later. */
  | { readonly status: 'busy' }
  /** `untilMs`: wall time, milliseconds since 1970. */
  | { readonly status: 'locked'; readonly untilMs: number };

export interface Attempts {
  begin(remoteIp: string): AttemptAnswer;
  /** Addresses remembered. */
  readonly size: number;
}

export const DEFAULT_LIMITS: FailureLimits = {
  maxFailures: 10,
  windowMs: 600_000,
  lockMs: 600_000,
  firstDelayMs: 1000,
  maxDelayMs: 10_000,
};

interface Entry {
  readonly failures: Failures;
  /** Attempts that have begun and not ended. */
  running: number;
}

/** The entries in order of use, those that nothing is known about left out. */
function createEntries(limits: FailureLimits, maxAddresses: number) {
  const entries = new Map<string, Entry>();

  function makeRoom(): void {
    if (entries.size < maxAddresses) return;
    for (const [key, entry] of entries) {
      // One with running attempts stays: there are no more of those than open sessions.
      if (entry.running > 0) continue;
      entries.delete(key);
      return;
    }
  }

  return {
    /** The entry of `key`, made anew when there is none; it is now the one used last. */
    use(key: string): Entry {
      const known = entries.get(key);
      if (known) entries.delete(key);
      else makeRoom();
      const entry = known ?? { failures: createFailures(limits), running: 0 };
      entries.set(key, entry);
      return entry;
    },
    dropIfEmpty(key: string, now: number): void {
      const entry = entries.get(key);
      if (entry?.running === 0 && entry.failures.isClear(now)) entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { clock } = options;
  const limits: FailureLimits = { ...DEFAULT_LIMITS, ...options };
  const entries = createEntries(limits, Math.max(1, options.maxAddresses ?? 20_000));

  function createAttempt(key: string, entry: Entry): Attempt {
    let isOver = false;
    const end = (learn: (now: number) => void): void => {
      if (isOver) return;
      isOver = true;
      entry.running -= 1;
      const now = clock.elapsed();
      learn(now);
      entries.dropIfEmpty(key, now);
    };
    entry.running += 1;
    return {
      succeeded(user) {
        end(() => {
          entry.failures.forgive(user);
        });
      },
      failed(user) {
        end((now) => {
          entry.failures.add(user, now);
        });
      },
      abandoned() {
        end(() => undefined);
      },
    };
  }

  return {
    begin(remoteIp) {
      const key = clientKey(remoteIp);
      const entry = entries.use(key);
      const now = clock.elapsed();
      const lockedMs = entry.failures.lockedMs(now);
      if (lockedMs > 0) return { status: 'locked', untilMs: clock.now() + lockedMs };
      if (entry.failures.count(now) + entry.running >= limits.maxFailures) return { status: 'busy' };
      const delayMs = entry.failures.delayMs(now);
      const attempt = createAttempt(key, entry);
      return delayMs > 0 ? { status: 'delayed', delayMs, attempt } : { status: 'allowed', attempt };
    },
    get size() {
      return entries.size;
    },
  };
}

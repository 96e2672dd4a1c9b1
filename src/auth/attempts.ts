/**
 * Wrong passwords, counted per client address across sessions.
 *
 * An IPv6 client counts by its /64, which one customer has whole. Each wrong password delays the
 * next attempt from there, longer each time; too many within a window lock the address out for a
 * while. The attempts of one address go one after the other, so that each sees the failures of
 * those before it and guessing on many connections at once gains nothing. A success forgives the
 * failures of that user alone.
 *
 * Callers: authenticator. Memory is bounded: a line has a longest length, and the address that was
 * quiet longest is forgotten first. Rejects only with what the caller's own work rejects with.
 */
import type { Clock } from '../core/clock.js';
import { clientKey } from '../dns/client-key.js';
import { createFailures, type FailureLimits, type Failures } from './failures.js';
import { createWorkSlots, type WorkSlots } from './work-slots.js';

export interface AttemptsOptions extends Partial<FailureLimits> {
  readonly clock: Clock;
  /** Addresses remembered. Default 20000, of at most some 3 KB each. */
  readonly maxAddresses?: number;
  /** Attempts of one address that wait for those before them. Default 100. */
  readonly maxWaiting?: number;
}

/** Who asks. */
export interface AttemptOrigin {
  readonly remoteIp: string;
  /** Ends the waiting when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}

/** What an attempt has shown; one that says neither has taught nothing. */
export interface Attempt {
  succeeded(user: string): void;
  failed(user: string): void;
}

export type Attempted<T> =
  /** Its turn came, and this is what `look` answered. */
  | { readonly status: 'done'; readonly value: T }
  /** As many attempts from there wait as may; ask again later. */
  | { readonly status: 'busy' }
  /** The client went away while it waited. */
  | { readonly status: 'gone' }
  /** `untilMs`: wall time, milliseconds since 1970. */
  | { readonly status: 'locked'; readonly untilMs: number };

export interface Attempts {
  /**
   * Calls `look`, which verifies the password, when the attempts of this address before it are
   * over and the delay for their failures has passed. Until it settles, no other of them begins.
   */
  run<T>(origin: AttemptOrigin, look: (attempt: Attempt) => Promise<T>): Promise<Attempted<T>>;
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
  /** One place: whoever has it is the attempt that runs. */
  readonly turns: WorkSlots;
  /** Attempts that run or wait. */
  open: number;
}

/** The entries in order of use, those that nothing is known about left out. */
function createEntries(createEntry: () => Entry, maxAddresses: number) {
  const entries = new Map<string, Entry>();

  function makeRoom(): void {
    if (entries.size < maxAddresses) return;
    for (const [key, entry] of entries) {
      // One with open attempts stays: there are no more of those than open sessions.
      if (entry.open > 0) continue;
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
      const entry = known ?? createEntry();
      entries.set(key, entry);
      return entry;
    },
    dropIfEmpty(key: string, now: number): void {
      const entry = entries.get(key);
      if (entry?.open === 0 && entry.failures.isClear(now)) entries.delete(key);
    },
    get size() {
      return entries.size;
    },
  };
}

/** Waits; `gone` as soon as the signal says so. */
function wait(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<'over' | 'gone'> {
  if (signal?.aborted) return Promise.resolve('gone');
  return new Promise((resolve) => {
    const onAbort = (): void => {
      cancel();
      resolve('gone');
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve('over');
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function createAttempt(clock: Clock, { failures }: Entry): Attempt {
  let isOver = false;
  const learn = (what: () => void): void => {
    if (isOver) return;
    isOver = true;
    what();
  };
  return {
    succeeded(user) {
      learn(() => {
        failures.forgive(user);
      });
    },
    failed(user) {
      learn(() => {
        failures.add(user, clock.elapsed());
      });
    },
  };
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const { clock, maxWaiting = 100 } = options;
  const limits: FailureLimits = { ...DEFAULT_LIMITS, ...options };
  const createEntry = (): Entry => ({
    failures: createFailures(limits),
    turns: createWorkSlots({ slots: 1, maxWaiting, maxWaitingPerKey: maxWaiting }),
    open: 0,
  });
  const entries = createEntries(createEntry, Math.max(1, options.maxAddresses ?? 20_000));

  /** The attempt whose turn it is: nothing else of its address runs until this settles. */
  async function takeTurn<T>(
    entry: Entry,
    signal: AbortSignal | undefined,
    look: (attempt: Attempt) => Promise<T>,
  ): Promise<Attempted<T>> {
    const now = clock.elapsed();
    const lockedMs = entry.failures.lockedMs(now);
    if (lockedMs > 0) return { status: 'locked', untilMs: clock.now() + lockedMs };
    const delayMs = entry.failures.delayMs(now);
    if (delayMs > 0 && (await wait(clock, delayMs, signal)) === 'gone') return { status: 'gone' };
    return { status: 'done', value: await look(createAttempt(clock, entry)) };
  }

  return {
    async run({ remoteIp, signal }, look) {
      const key = clientKey(remoteIp);
      const entry = entries.use(key);
      entry.open += 1;
      try {
        const turn = await entry.turns.run(key, () => takeTurn(entry, signal, look), signal);
        if (turn.status === 'done') return turn.value;
        return { status: turn.status === 'busy' ? 'busy' : 'gone' };
      } finally {
        entry.open -= 1;
        entries.dropIfEmpty(key, clock.elapsed());
      }
    },
    get size() {
      return entries.size;
    },
  };
}

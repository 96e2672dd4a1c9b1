/**
 * A few places for work that is slow by purpose, and a short line before them.
 *
 * Whoever waits is served in turn by key (a client's network), not by arrival: a client that asks
 * a hundred times delays itself. The line is bounded in all and per key; one more is told `busy`
 * at once, so that a flood costs neither memory nor a thread. Who is alone under its key takes the
 * place of the last one of the longest line instead, so that a few cannot shut out everybody else.
 *
 * Callers: auth/password-hash; auth/attempts, with one place for each client. Rejects only with
 * what the work rejects with.
 */

export interface WorkSlotsOptions {
  /** Works that run at the same time; at least 1. */
  readonly slots: number;
  /** Most that wait, in all. */
  readonly maxWaiting: number;
  /** Most that wait under one key. */
  readonly maxWaitingPerKey: number;
}

export type Slotted<T> =
  | { readonly status: 'done'; readonly value: T }
  /** The line is full. */
  | { readonly status: 'busy' }
  /** The caller's signal ended the waiting; the work did not begin. */
  | { readonly status: 'aborted' };

export interface WorkSlots {
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<Slotted<T>>;
  /** Works that wait for a place. */
  readonly waiting: number;
}

/** Ends the waiting of one: it is its turn, or it has to make room. */
type Enter = (entry: 'entered' | 'busy') => void;

/** Those who wait, served by key in turn. */
interface Line {
  /** Whether there was room. */
  join(key: string, enter: Enter): boolean;
  leave(key: string, enter: Enter): void;
  /** Takes out the one whose turn it is. */
  next(): Enter | undefined;
  readonly length: number;
}

function createLine(maxWaiting: number, maxPerKey: number): Line {
  // The order of the keys is the order of their turns; a key without a waiter is not kept.
  const byKey = new Map<string, readonly Enter[]>();
  let length = 0;

  function keep(key: string, waiters: readonly Enter[]): void {
    byKey.delete(key);
    if (waiters.length > 0) byKey.set(key, waiters);
  }

  /** Sends the last of the longest line away; false when every key has one waiter at most. */
  function makeRoom(): boolean {
    let longest: readonly [string, readonly Enter[]] = ['', []];
    for (const entry of byKey) if (entry[1].length > longest[1].length) longest = entry;
    const [key, waiters] = longest;
    if (waiters.length < 2) return false;
    byKey.set(key, waiters.slice(0, -1));
    length -= 1;
    waiters.at(-1)?.('busy');
    return true;
  }

  return {
    join(key, enter) {
      const waiters = byKey.get(key) ?? [];
      if (waiters.length >= maxPerKey) return false;
      if (length >= maxWaiting && (waiters.length > 0 || !makeRoom())) return false;
      // Without `keep`: a key that joins again stays at its turn.
      byKey.set(key, [...waiters, enter]);
      length += 1;
      return true;
    },
    leave(key, enter) {
      const waiters = byKey.get(key) ?? [];
      const rest = waiters.filter((other) => other !== enter);
      length -= waiters.length - rest.length;
      if (rest.length > 0) byKey.set(key, rest);
      else byKey.delete(key);
    },
    next() {
      for (const [key, [first, ...rest]] of byKey) {
        keep(key, rest);
        length -= 1;
        return first;
      }
      return undefined;
    },
    get length() {
      return length;
    },
  };
}

export function createWorkSlots(options: WorkSlotsOptions): WorkSlots {
  const line = createLine(options.maxWaiting, options.maxWaitingPerKey);
  let running = 0;

  function enter(key: string, signal: AbortSignal | undefined): Promise<'entered' | 'busy' | 'aborted'> {
    if (running < options.slots) {
      running += 1;
      return Promise.resolve('entered');
    }
    return new Promise((resolve) => {
      const onAbort = (): void => {
        line.leave(key, onTurn);
        resolve('aborted');
      };
      const onTurn: Enter = (entry) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(entry);
      };
      if (line.join(key, onTurn)) signal?.addEventListener('abort', onAbort, { once: true });
      else resolve('busy');
    });
  }

  function handOn(): void {
    const next = line.next();
    // The place changes hands without becoming free, so that nobody slips in between.
    if (next) next('entered');
    else running -= 1;
  }

  return {
    async run(key, work, signal) {
      if (signal?.aborted) return { status: 'aborted' };
      const entry = await enter(key, signal);
      if (entry !== 'entered') return { status: entry };
      try {
        return { status: 'done', value: await work() };
      } finally {
        handOn();
      }
    },
    get waiting() {
      return line.length;
    },
  };
}

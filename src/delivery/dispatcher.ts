/**
 * Takes due entries from the queue and has each of them attempted.
 *
 * It looks when something was accepted, when an attempt ends, and when the next entry is due; in
 * between it looks only now and then, for what other processes accepted. At most `concurrency`
 * entries are under way. Nothing a transport does ends the process.
 *
 * Callers: app makes and starts it.
 */
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Queue } from '../queue/queue.js';
import type { ClaimedEntry } from '../queue/store.js';
import { attempt, type AttemptOptions, DEFAULT_ATTEMPT_MS } from './attempt.js';

export interface DispatcherOptions extends AttemptOptions {
  readonly queue: Pick<Queue, 'claim' | 'settle' | 'release' | 'onWork'>;
  /** Entries under way at once. Default 16. */
  readonly concurrency?: number;
  /** How long `stop` waits for attempts under way, milliseconds. Default 10 seconds. */
  readonly stopMs?: number;
  /** Longest time between two looks, milliseconds. Default 60 seconds. */
  readonly lookMs?: number;
}

export interface Dispatcher {
  /** Begins to work; what is due already is taken at once. */
  start(): void;
  /** Looks for due entries now; for processes that learn of new mail by other ways. */
  wake(): void;
  /** Takes nothing new, waits for what is under way, gives back what does not end in time. */
  stop(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_STOP_MS = 10_000;
const DEFAULT_LOOK_MS = 60_000;
/** The lease outlives the attempt by this much, for recording its result. */
const LEASE_MARGIN_MS = 60_000;
/** After the queue refused to answer, it is asked again after this time. */
const TROUBLE_PAUSE_MS = 1000;

/** The moment of the next look, as one timer that is moved about. */
function createAlarm(clock: Clock, ring: () => void): { set(ms: number): void; clear(): void } {
  let cancel: Cancel | undefined;
  return {
    set(ms) {
      cancel?.();
      cancel = clock.after(ms, ring);
    },
    clear() {
      cancel?.();
      cancel = undefined;
    },
  };
}

/** The attempts that are running, each with the entry it holds. */
interface UnderWay {
  size(): number;
  begin(claimed: ClaimedEntry): void;
  /** Waits for all of them; what does not end in `stopMs` is cut short and given back to the queue. */
  finish(): Promise<void>;
}

function createUnderWay(options: DispatcherOptions, onEnd: () => void): UnderWay {
  const { clock, log } = options;
  const running = new Map<ClaimedEntry, Promise<void>>();
  const stopping = new AbortController();
  return {
    size: () => running.size,
    begin(claimed) {
      const { queueId } = claimed.entry;
      const run = attempt(options, claimed, stopping.signal)
        .catch((error: unknown) => {
          log.error('delivery result not recorded', { queueId, reason: messageOf(error) });
        })
        .finally(() => {
          running.delete(claimed);
          onEnd();
        });
      running.set(claimed, run);
    },
    async finish() {
      let cancel: Cancel | undefined;
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(options.stopMs ?? DEFAULT_STOP_MS, resolve);
      });
      await Promise.race([Promise.all(running.values()), late]);
      cancel?.();
      // Attempts that still run now record what they have learned and give the entry back.
      stopping.abort(new Error('the process stops'));
      await Promise.all(running.values());
    },
  };
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { queue, clock, log, concurrency = DEFAULT_CONCURRENCY, lookMs = DEFAULT_LOOK_MS } = options;
  const leaseMs = (options.attemptMs ?? DEFAULT_ATTEMPT_MS) + LEASE_MARGIN_MS;
  const underWay = createUnderWay(options, wake);
  const alarm = createAlarm(clock, wake);
  let state: 'new' | 'started' | 'stopped' = 'new';
  let looking: Promise<void> | undefined;
  let again = false;
  let forget: (() => void) | undefined;

  const mayLook = (): boolean => again && state === 'started' && underWay.size() < concurrency;

  async function look(): Promise<void> {
    while (mayLook()) {
      again = false;
      const limit = concurrency - underWay.size();
      const { claimed, nextDue } = await queue.claim(limit, leaseMs);
      for (const item of claimed) underWay.begin(item);
      // As many as were asked for: there may be more.
      if (claimed.length === limit) again = true;
      const waitMs = nextDue === undefined ? lookMs : nextDue - clock.now();
      if (state === 'started') alarm.set(Math.min(Math.max(waitMs, 0), lookMs));
    }
  }

  function wake(): void {
    again = true;
    if (!mayLook()) return;
    looking ??= look()
      .catch((error: unknown) => {
        log.error('the queue did not give any work', { reason: messageOf(error) });
        again = false;
        if (state === 'started') alarm.set(TROUBLE_PAUSE_MS);
      })
      .finally(() => {
        looking = undefined;
        // Woken between the last look and now.
        if (mayLook()) wake();
      });
  }

  return {
    start() {
      if (state !== 'new') return;
      state = 'started';
      forget = queue.onWork(wake);
      wake();
    },
    wake,
    async stop() {
      state = 'stopped';
      forget?.();
      alarm.clear();
      await looking;
      await underWay.finish();
    },
  };
}

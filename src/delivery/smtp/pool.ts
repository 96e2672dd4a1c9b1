/**
 * Connections to one next hop, kept for the next message for a little while.
 *
 * A connection carries one message at a time. What comes back unhurt waits for the next message,
 * and is left with QUIT when none comes. A kept connection may have been closed by the peer
 * meanwhile; when nothing was answered on it, the work is done once more on a new one, because
 * then nothing can have been delivered.
 * While a next hop does not answer, one attempt at a time tries to reach it and the others fail
 * at once, so that a dead next hop does not hold up the mail of the living ones.
 *
 * Callers: delivery/smtp/transport. Rejects with what the work or the opening rejected with.
 */
import type { Cancel, Clock } from '../../core/clock.js';
import { isEngineError, messageOf } from '../../core/errors.js';
import type { NextHopClient } from './client.js';

export interface PoolOptions {
  readonly open: (signal: AbortSignal) => Promise<NextHopClient>;
  readonly clock: Clock;
  /** How long an idle connection is kept, milliseconds. Default 10 seconds. */
  readonly idleMs?: number;
  /** Idle connections at once. Default 4. */
  readonly mostIdle?: number;
}

export interface Pool {
  /** Does `work` on a connection that nobody else uses; a fault of the work ends the connection. */
  use(signal: AbortSignal, work: (client: NextHopClient) => Promise<void>): Promise<void>;
  /** Leaves what is idle, and what comes back from now on. */
  close(): Promise<void>;
}

const DEFAULT_IDLE_MS = 10_000;
const DEFAULT_MOST_IDLE = 4;
/** Some peers limit the messages of a connection; a new one costs little after so many. */
const MOST_TRANSACTIONS = 100;
const LEAVE_MS = 2000;

/** Opens connections; while the last try failed, one try at a time. */
function createOpener(open: PoolOptions['open']): PoolOptions['open'] {
  let trouble: string | undefined;
  let isProbing = false;
  return async (signal) => {
    if (trouble !== undefined && isProbing) throw new Error(`${trouble} (another message is trying it)`);
    const isProbe = trouble !== undefined;
    isProbing ||= isProbe;
    try {
      const client = await open(signal);
      trouble = undefined;
      return client;
    } catch (error) {
      // One that was ended from our side says nothing about the peer.
      if (!signal.aborted) trouble = messageOf(error);
      throw error;
    } finally {
      if (isProbe) isProbing = false;
    }
  };
}

/** Connections that wait for work, the last one used first. */
function createShelf(options: PoolOptions) {
  const { clock, idleMs = DEFAULT_IDLE_MS, mostIdle = DEFAULT_MOST_IDLE } = options;
  const idle: { readonly client: NextHopClient; readonly cancel: Cancel }[] = [];
  let isClosed = false;

  function leaveAll(): Promise<void>[] {
    return idle.splice(0).map(async ({ client, cancel }) => {
      cancel();
      await client.leave(LEAVE_MS);
    });
  }

  return {
    take(): NextHopClient | undefined {
      for (let last = idle.pop(); last; last = idle.pop()) {
        last.cancel();
        if (!last.client.isOver) return last.client;
      }
      return undefined;
    },
    async put(client: NextHopClient): Promise<void> {
      if (client.isOver) return;
      if (isClosed || idle.length >= mostIdle || client.transactions >= MOST_TRANSACTIONS) {
        await client.leave(LEAVE_MS);
        return;
      }
      const cancel = clock.after(idleMs, () => {
        const place = idle.findIndex((one) => one.client === client);
        if (place >= 0) idle.splice(place, 1);
        // Whether the farewell arrives or not, the connection is over and nothing was under way on it.
        client.leave(LEAVE_MS).catch(() => undefined);
      });
      idle.push({ client, cancel });
    },
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all(leaveAll());
    },
  };
}

/** Does the work; whatever ends it, the connection is fit for use afterwards or over. */
async function workOn(
  client: NextHopClient,
  signal: AbortSignal,
  work: (client: NextHopClient) => Promise<void>,
): Promise<void> {
  const stop = (): void => {
    client.fail(new Error('the attempt was ended'));
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await work(client);
  } catch (error) {
    client.fail(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function createPool(options: PoolOptions): Pool {
  const shelf = createShelf(options);
  const open = createOpener(options.open);

  async function useNew(signal: AbortSignal, work: (client: NextHopClient) => Promise<void>): Promise<void> {
    const client = await open(signal);
    await workOn(client, signal, work);
    await shelf.put(client);
  }

  return {
    async use(signal, work) {
      const kept = shelf.take();
      if (!kept) return await useNew(signal, work);
      const { replies } = kept;
      try {
        await workOn(kept, signal, work);
      } catch (error) {
        // Closed while it was idle: no answer, or a 421 that was on its way. A fault of our own, such
        // as a damaged body, says nothing about the connection and is the same on a new one.
        const heard = kept.replies - replies;
        const isSilent = heard === 0 || (heard === 1 && kept.lastCode === 421);
        if (!isSilent || isEngineError(error) || signal.aborted) throw error;
        return await useNew(signal, work);
      }
      await shelf.put(kept);
    },
    close: () => shelf.close(),
  };
}

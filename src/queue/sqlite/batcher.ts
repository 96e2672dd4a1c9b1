/**
 * Gathers requests into batches: whatever waits when the previous batch has been answered goes
 * out as one, and is one transaction.
 *
 * Nobody waits for a timer: a single request goes out at the end of the current turn. When the
 * far end dies, everybody who waits is told ERR_QUEUE_WRITE at once, and the next request opens a
 * new channel; after a death requests are refused for a moment that doubles up to some seconds,
 * so that a dead disk does not become a storm of threads.
 *
 * Callers: sqlite/store.
 */
import type { Clock } from '../../core/clock.js';
import { messageOf, QueueError } from '../../core/errors.js';
import type { Channel, OpenChannel } from './channel.js';
import type { Answer, BatchReply, FaultKind, OperationName, Operations, Request } from './protocol.js';

export interface BatcherOptions {
  readonly open: OpenChannel;
  readonly clock: Clock;
  /** Told about each death of the far end. */
  readonly onTrouble: (error: QueueError) => void;
}

export interface Reply<K extends OperationName> {
  readonly value: Operations[K]['answer'];
  readonly blobs: readonly Uint8Array[];
}

export interface Batcher {
  submit<K extends OperationName>(request: Request<K>): Promise<Reply<K>>;
  /** Answers what was submitted before, then closes; later submissions are ERR_QUEUE_CLOSED. */
  close(): Promise<void>;
}

interface Pending {
  readonly request: Request;
  readonly bytes: number;
  resolve(answer: Answer): void;
  reject(error: QueueError): void;
}

/** Bounds on one batch, so that one transaction neither grows without end nor delays the others. */
const MOST_REQUESTS = 512;
const MOST_BYTES = 8 * 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

function asQueueError(kind: FaultKind, reason: string, cause?: unknown): QueueError {
  const code = kind === 'full' ? 'ERR_QUEUE_FULL' : 'ERR_QUEUE_WRITE';
  // `stored` tells accept() whether it may throw the body file away.
  return new QueueError(code, { cause, detail: { reason, stored: kind === 'failed' ? 'unknown' : 'no' } });
}

/** The channel of the moment: opened on demand, dropped when it has died. */
interface Link {
  /** Whether requests are refused for now because the far end died a moment ago. */
  resting(): boolean;
  send(batch: readonly Request[]): Promise<BatchReply>;
  /** Gives up the channel and says what to tell the callers. */
  drop(reason: string, cause?: unknown): Promise<QueueError>;
  close(): Promise<void>;
}

function createLink({ open, clock, onTrouble }: BatcherOptions): Link {
  let channel: Channel | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let restUntil = Number.NEGATIVE_INFINITY;

  async function close(): Promise<void> {
    const old = channel;
    channel = undefined;
    await old?.close();
  }

  return {
    resting: () => channel === undefined && clock.elapsed() < restUntil,
    async send(batch) {
      channel ??= open();
      const reply = await channel.send(batch);
      if (!reply.broken) pauseMs = FIRST_PAUSE_MS;
      return reply;
    },
    async drop(reason, cause) {
      restUntil = clock.elapsed() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      const error = asQueueError('failed', reason, cause);
      onTrouble(error);
      await close();
      return error;
    },
    close,
  };
}

function createPending(request: Request, settle: Pick<Pending, 'resolve' | 'reject'>): Pending {
  const bytes = request.blobs.reduce((sum, blob) => sum + blob.byteLength, 0);
  return { request, bytes, ...settle };
}

/** How many of the waiting requests go into the next batch: at least one. */
function batchLength(pending: readonly Pending[]): number {
  let bytes = 0;
  let count = 0;
  for (const { bytes: more } of pending) {
    if (count > 0 && (count === MOST_REQUESTS || bytes + more > MOST_BYTES)) break;
    bytes += more;
    count += 1;
  }
  return count;
}

export function createBatcher(options: BatcherOptions): Batcher {
  const link = createLink(options);
  let pending: Pending[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function runBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const reply = await link.send(batch.map(({ request }) => request));
      batch.forEach((item, index) => {
        item.resolve(reply.answers[index] ?? { status: 'fault', kind: 'failed', reason: 'no answer' });
      });
      if (reply.broken) await link.drop(reply.reason ?? 'the database reported a fault and is opened anew');
    } catch (error) {
      const waiting = [...batch, ...pending];
      pending = [];
      const reason = await link.drop(messageOf(error), error);
      for (const item of waiting) item.reject(reason);
    }
  }

  async function drain(): Promise<void> {
    // The rest of the current turn may still add to the first batch.
    await Promise.resolve();
    while (pending.length > 0) await runBatch(pending.splice(0, batchLength(pending)));
    running = undefined;
  }

  return {
    async submit(request) {
      if (closed) throw new QueueError('ERR_QUEUE_CLOSED');
      if (link.resting()) {
        throw new QueueError('ERR_QUEUE_WRITE', {
          detail: { reason: 'the database is being opened anew', stored: 'no' },
        });
      }
      const answer = await new Promise<Answer>((resolve, reject) => {
        pending.push(createPending(request, { resolve, reject }));
        running ??= drain();
      });
      if (answer.status === 'fault') throw asQueueError(answer.kind, answer.reason);
      // The far end answers each request with the value of its own operation.
      return { value: answer.value as never, blobs: answer.blobs };
    },
    async close() {
      closed = true;
      await running;
      await link.close();
    },
  };
}

/**
 * The way to the database: a thread in production, the same code in line for one-shot commands
 * and tests.
 *
 * A channel carries one batch at a time. When the thread ends for whatever reason, the batch
 * under way is rejected; the channel is then of no further use and its owner opens another.
 *
 * Callers: sqlite/batcher.
 */
import { Worker } from 'node:worker_threads';
import { InvariantError } from '../../core/errors.js';
import { threadEntry } from '../../core/thread.js';
import type { StepHook } from '../steps.js';
import { openDatabase, type BatchDatabase, type DatabaseOptions } from './database.js';
import { packBlobs, type BatchReply, type Request } from './protocol.js';

export interface Channel {
  /** Runs one batch; the previous one must have been answered. Rejects when the far end has gone. */
  send(batch: readonly Request[]): Promise<BatchReply>;
  /** Lets go of the database; resolves when it is closed. Never rejects. */
  close(): Promise<void>;
}

export type OpenChannel = () => Channel;

interface Waiting {
  resolve(reply: BatchReply): void;
  reject(error: unknown): void;
}

/** A database in a thread of its own. Keeps the process alive only while a batch is under way. */
export function threadChannel(options: DatabaseOptions): Channel {
  const worker = new Worker(threadEntry(import.meta.url, './worker.js'), { workerData: options });
  let waiting: Waiting | undefined;
  let ended: unknown;

  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      ended ??= new Error(`the database thread ended with code ${code}`);
      waiting?.reject(ended);
      waiting = undefined;
      resolve();
    });
  });
  worker.on('error', (error) => {
    // 'exit' follows and rejects with this reason.
    ended ??= error;
  });
  worker.on('message', (reply: BatchReply) => {
    worker.unref();
    waiting?.resolve(reply);
    waiting = undefined;
  });
  worker.unref();

  return {
    send(batch) {
      return new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended instanceof Error ? ended : new Error('the database thread has ended'));
          return;
        }
        if (waiting) {
          reject(new InvariantError('ERR_INVARIANT', { detail: { reason: 'a batch is under way' } }));
          return;
        }
        waiting = { resolve, reject };
        worker.ref();
        const packed = packBlobs(batch);
        worker.postMessage(packed.items, [packed.buffer]);
      });
    },
    async close() {
      if (ended === undefined) {
        worker.ref();
        worker.postMessage('close');
      }
      await exited;
    },
  };
}

/** The database on the calling thread. Each batch blocks until it is on disk. */
export function inlineChannel(options: DatabaseOptions, steps: StepHook): Channel {
  let database: BatchDatabase | undefined;
  return {
    async send(batch) {
      database ??= openDatabase(options, steps);
      return database.run(batch);
    },
    async close() {
      database?.close();
      database = undefined;
    },
  };
}

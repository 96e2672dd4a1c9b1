/**
 * One thread that parses messages, one at a time.
 *
 * It is started when it is made and lives until `end`, or until hostile MIME kills it; the asker
 * hears that as a rejection and makes another one.
 *
 * Callers: message/mime/parser. `ask` must not be called again before its answer.
 */
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../core/thread.js';
import type { ParseOutcome } from './parsed-message.js';

/** What the thread is asked. */
export interface ParseRequest {
  readonly header: Uint8Array;
  /** The octets, or the file that holds them. */
  readonly body: Uint8Array | string;
}

export interface ParseThread {
  /** False once it has ended or died. */
  readonly isAlive: boolean;
  /** Resolves with the thread's answer; rejects when the thread dies instead. */
  ask(request: ParseRequest): Promise<ParseOutcome>;
  /** Ends the thread, whatever it is doing. */
  end(): Promise<void>;
}

/** Memory of the thread, MiB: some copies of the largest message. */
const MEMORY_MB = 512;

interface Asker {
  readonly resolve: (outcome: ParseOutcome) => void;
  readonly reject: (error: Error) => void;
}

export function startParseThread(): ParseThread {
  const worker = new Worker(threadEntry(import.meta.url, './worker.js'), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  let asker: Asker | undefined;
  let isAlive = true;
  const died = (error: Error): void => {
    isAlive = false;
    asker?.reject(error);
  };
  worker.unref();
  worker.on('message', (outcome: ParseOutcome) => asker?.resolve(outcome));
  worker.on('error', died);
  worker.on('exit', () => {
    died(new Error('the parser ended'));
  });
  return {
    get isAlive() {
      return isAlive;
    },
    ask: (request) =>
      new Promise((resolve, reject) => {
        asker = { resolve, reject };
        worker.postMessage(request);
      }),
    async end() {
      isAlive = false;
      await worker.terminate();
    },
  };
}

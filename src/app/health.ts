/**
 * Whether new mail can be stored, as `/healthz` says it, without storing any.
 *
 * Three things make it "no": the disk has less free than queue.minFreeSpace, so that messages are
 * answered 452; the queue's database does not answer a question; or a message could not be stored
 * a moment ago. Next hops that are down, mail that waits and entries set aside make no difference,
 * because a restart mends none of them.
 *
 * Callers: app/compose-mail. Never rejects.
 */
import type { Clock } from '../core/clock.js';
import { isEngineError, messageOf } from '../core/errors.js';
import type { Queue } from '../queue/queue.js';
import type { FreeSpace } from './free-space.js';

export interface Health {
  readonly ok: boolean;
  /** `ok`, or what is wrong, on one line. */
  readonly text: string;
}

export interface HealthWatch {
  /** Remembers when something that writes to the queue rejects with an error of the queue; gives it back. */
  noting<T>(writing: Promise<T>): Promise<T>;
  check(): Promise<Health>;
}

export interface HealthOptions {
  readonly queue: Pick<Queue, 'getSetting'>;
  readonly space: FreeSpace;
  readonly clock: Clock;
}

/** As long as this a message that could not be stored counts. */
const TROUBLE_MS = 60_000;
/** A database that is alive answers in milliseconds, behind a slow disk in some hundred. */
const ANSWER_MS = 5000;
/** A key that nobody writes; what counts is that there is an answer. */
const QUESTION = 'health';

export function watchHealth({ queue, space, clock }: HealthOptions): HealthWatch {
  let trouble: { readonly at: number; readonly text: string } | undefined;

  const note = (error: unknown): void => {
    if (!isEngineError(error) || !error.code.startsWith('ERR_QUEUE_')) return;
    trouble = { at: clock.elapsed(), text: error.message };
  };

  async function answer(): Promise<void> {
    let cancel = (): void => undefined;
    const patience = new Promise<never>((_, reject) => {
      cancel = clock.after(ANSWER_MS, () => {
        reject(new Error(`the queue has not answered for ${ANSWER_MS / 1000} s`));
      });
    });
    try {
      await Promise.race([queue.getSetting(QUESTION), patience]);
    } finally {
      cancel();
    }
  }

  return {
    noting(writing) {
      writing.catch(note);
      return writing;
    },
    async check() {
      try {
        await space.require();
        await answer();
      } catch (error) {
        return { ok: false, text: messageOf(error) };
      }
      const age = trouble ? clock.elapsed() - trouble.at : TROUBLE_MS;
      if (!trouble || age >= TROUBLE_MS) return { ok: true, text: 'ok' };
      return { ok: false, text: `${trouble.text} (${Math.round(age / 1000)} s ago)` };
    },
  };
}

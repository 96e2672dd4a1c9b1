/**
 * What has to be undone at the end, in the reverse order of its making.
 *
 * Each part is taken down even when another one fails; a failure is logged with the part's name.
 *
 * Callers: app/postern and its factories. `run` never rejects and runs once.
 */
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';

type Undo = () => void | Promise<void>;

export class Teardown {
  readonly #log: Logger;
  readonly #steps: { readonly name: string; readonly undo: Undo }[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Remembers how to undo something that has just been made. */
  add(name: string, undo: Undo): void {
    this.#steps.push({ name, undo });
  }

  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (const { name, undo } of this.#steps.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        this.#log.error('a part did not stop well', { part: name, error: messageOf(error) });
      }
    }
  }
}

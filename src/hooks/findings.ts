/**
 * What the checks of a connection have found, for the field that tells readers of it.
 *
 * Unlike variables, findings are not undone when the handler that asked fails: they are facts about
 * the client and the message, not a policy's opinion. One that comes when its handler is over is not
 * kept, because the next message may have begun. A later one of the same kind replaces the earlier.
 *
 * Callers: hooks/methods put findings in through their MethodCall; hooks/session-run keeps one of
 * these per connection and the engine reads it when a message is stored.
 */
import type { AuthResult } from '../message/authentication-results.js';

/** Until the connection ends, until the client says EHLO again, or for one message. */
export type FindingLife = 'connection' | 'hello' | 'message';

/** The kinds, in the order in which the field names them. */
export type FindingKind = 'iprev' | 'spf.helo' | 'spf.mailFrom' | 'dkim' | 'dmarc' | 'arc';
const ORDER: readonly FindingKind[] = ['iprev', 'spf.helo', 'spf.mailFrom', 'dkim', 'dmarc', 'arc'];

const LIVES: Readonly<Record<FindingKind, FindingLife>> = {
  iprev: 'connection',
  'spf.helo': 'hello',
  'spf.mailFrom': 'message',
  dkim: 'message',
  dmarc: 'message',
  arc: 'message',
};

const NONE: readonly AuthResult[] = [];

export class Findings {
  /** Made with the first finding: most connections have none. */
  #kept: Map<FindingKind, readonly AuthResult[]> | undefined;
  #helloBefore: readonly AuthResult[] = NONE;

  put(kind: FindingKind, results: readonly AuthResult[]): void {
    this.#kept ??= new Map();
    this.#kept.set(kind, results);
  }

  get(kind: FindingKind): readonly AuthResult[] {
    return this.#kept?.get(kind) ?? NONE;
  }

  forget(life: FindingLife): void {
    if (!this.#kept) return;
    for (const kind of ORDER) if (LIVES[kind] === life) this.#kept.delete(kind);
  }

  /** A greeting is looked at: what the one before it had found counts no more, unless this one is refused. */
  beginHello(): void {
    this.#helloBefore = this.get('spf.helo');
    this.forget('hello');
  }

  /** It was refused, so the one before it stays in force. */
  undoHello(): void {
    this.forget('hello');
    if (this.#helloBefore.length > 0) this.put('spf.helo', this.#helloBefore);
  }

  /** All of them, in the order of the field. */
  all(): readonly AuthResult[] {
    return this.#kept ? ORDER.flatMap((kind) => this.get(kind)) : NONE;
  }
}

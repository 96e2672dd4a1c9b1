/**
 * What a client may do in vain before its session is ended.
 *
 * Errors are counted over the whole session. Commands that do nothing for a message are counted in
 * a row. MAIL and RCPT are counted from the last message on, whatever their answers were, because
 * each of them can make every policy run for nothing. The bound for RCPT leaves room for an honest
 * mailing list, most of whose addresses are gone, in one transaction.
 *
 * Callers: conversation.ts, one for each session.
 */
import { RECIPIENTS_AT_MOST } from '../../smtp/limits.js';
import type { EngineLimits } from '../settings.js';

export type NuisanceLimits = Pick<EngineLimits, 'maxErrors' | 'maxJunkCommands' | 'maxFruitless'>;

/** Why the session should end now. */
export type NuisanceKind = 'errors' | 'junk' | 'fruitless';

/** Commands that do nothing for a message. */
const JUNK: ReadonlySet<string> = new Set(['NOOP', 'RSET', 'VRFY', 'HELP', 'EHLO', 'HELO', 'LHLO']);

/** All that a message may have, and as many that are refused. */
const MOST_RECIPIENTS = 2 * RECIPIENTS_AT_MOST;

export class Nuisance {
  readonly #limits: NuisanceLimits;
  #errors = 0;
  #junk = 0;
  #mails = 0;
  #recipients = 0;

  constructor(limits: NuisanceLimits) {
    this.#limits = limits;
  }

  /** A command (in capitals) has come; with an answer here it is not to be run any more. */
  command(verb: string): NuisanceKind | undefined {
    this.#junk = JUNK.has(verb) ? this.#junk + 1 : 0;
    if (this.#junk > this.#limits.maxJunkCommands) return 'junk';
    if (verb === 'MAIL') this.#mails += 1;
    if (verb === 'RCPT') this.#recipients += 1;
    const isFruitless = this.#mails > this.#limits.maxFruitless || this.#recipients > MOST_RECIPIENTS;
    return isFruitless ? 'fruitless' : undefined;
  }

  /** A command was refused for syntax, sequence, or as one that nobody knows. */
  error(): NuisanceKind | undefined {
    this.#errors += 1;
    return this.#errors > this.#limits.maxErrors ? 'errors' : undefined;
  }

  /** A message was answered with success. */
  message(): void {
    this.#mails = 0;
    this.#recipients = 0;
  }
}

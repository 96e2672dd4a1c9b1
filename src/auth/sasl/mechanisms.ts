/**
 * From the name in the AUTH command to the exchange that it begins.
 *
 * Callers: the session's AUTH command. Names are matched in any letter case; a name that is not
 * ours is undefined, for which RFC 4954 §4 asks the reply 504 5.5.4.
 */
import { createCramMd5Exchange, type CramDeps } from './cram-md5.js';
import { MECHANISMS, type Mechanism, type SaslExchange } from './exchange.js';
import { createLoginExchange } from './login.js';
import { createPlainExchange } from './plain.js';

export function parseMechanism(word: string): Mechanism | undefined {
  const name = word.toUpperCase();
  return MECHANISMS.find((mechanism) => mechanism === name);
}

/** A new exchange; each AUTH command gets its own. */
export function createSaslExchange(mechanism: Mechanism, deps: CramDeps): SaslExchange {
  switch (mechanism) {
    case 'PLAIN':
      return createPlainExchange();
    case 'LOGIN':
      return createLoginExchange();
    case 'CRAM-MD5':
      return createCramMd5Exchange(deps);
  }
}

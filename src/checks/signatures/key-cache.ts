/**
 * Public keys of DKIM and ARC, imported once and kept for as long as DNS says (RFC 6376 §3.6.2).
 *
 * Reading the record and importing the key costs several times what it costs to verify with it.
 * Only keys are kept here: what is no key, or trouble, is remembered by the resolver alone, so that
 * it is judged anew when the record has changed.
 *
 * Callers: verifier.ts. `get` rejects as the library's own does, with a `code` that the library
 * turns into its result.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KeyAnswer, KeyOptions } from 'mailauth/lib/dkim/dkim-verifier.js';
import type { Clock } from '../../core/clock.js';
import { lazily } from '../../core/lazily.js';
import { createTtlCache } from '../../core/ttl-cache.js';
import type { Lookups } from '../mailauth-lookups.js';

/** Keys kept at once; each weighs about two kilobytes. */
const MOST_KEYS = 5000;
const LONGEST_SECONDS = 3600;

/** RFC 8301 §3.2: what is shorter is not considered valid. */
export const LEAST_RSA_BITS = 1024;
/** RFC 8301 §3.2 asks for 4,096. The time of a verification grows with the square of it. */
const MOST_RSA_BITS = 8192;
/** And with the bits of the exponent, which is 65,537 by custom. */
const LARGEST_EXPONENT = 0xffff_ffffn;
/** Characters of the name of a key; DNS ends at 253 octets. */
const LONGEST_NAME = 600;

/** What the library knows as a key that cannot serve, and as a name without any. */
class KeyFault extends Error {
  readonly code: 'EINVALIDVAL' | 'ENOTFOUND';

  constructor(code: KeyFault['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A key that costs no more than honest ones do. */
function importKey(pem: KeyAnswer['publicKey']): KeyObject {
  const key = typeof pem === 'string' ? createPublicKey(pem) : pem;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength > MOST_RSA_BITS || publicExponent > LARGEST_EXPONENT) {
    throw new KeyFault('EINVALIDVAL', 'the key is too large');
  }
  return key;
}

export interface KeyQuestion {
  readonly type: string;
  /** `selector._domainkey.domain`, as the signature has it. */
  readonly name: string;
  readonly options: KeyOptions;
}

export interface KeyCache {
  get(question: KeyQuestion, lookups: Lookups): Promise<KeyAnswer>;
}

const loadTools = lazily(() => import('mailauth/lib/tools.js'));

export function createKeyCache(deps: { readonly clock: Clock }): KeyCache {
  const keys = createTtlCache<KeyAnswer>({ clock: deps.clock, maxEntries: MOST_KEYS });
  return {
    async get({ type, name, options }, lookups) {
      if (name.length > LONGEST_NAME) throw new KeyFault('ENOTFOUND', 'no name of DNS is so long');
      // What else changes the library's judgement of a record is part of the key.
      const id = `${options.strict === true} ${options.hashAlgo ?? ''} ${name.toLowerCase()}`;
      const known = keys.get(id);
      if (known) return known.value;
      const { getPublicKey } = await loadTools();
      let ttlSeconds = 0;
      const ask = (asked: string, record: string): Promise<unknown> =>
        lookups.resolve(asked, record, (seconds) => {
          ttlSeconds = Math.min(seconds, LONGEST_SECONDS);
        });
      const answer = await getPublicKey(type, name, LEAST_RSA_BITS, ask, options);
      const imported = { ...answer, publicKey: importKey(answer.publicKey) };
      keys.set(id, imported, ttlSeconds * 1000);
      return imported;
    },
  };
}

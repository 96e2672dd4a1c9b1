/**
 * Private keys with which messages are signed, and which of them signs for whom.
 *
 * A key is imported once and kept. What cannot sign, or what no verifier would take, is told as a
 * reason and makes no key (RFC 8301 §3.2, RFC 8463 §3).
 *
 * Callers: app loads the files; hooks/methods and the engine ask the ring. Pure; nothing throws.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { messageOf } from '../../core/errors.js';
import { comparableDomain } from '../../smtp/domain.js';
import { LEAST_RSA_BITS } from './key-cache.js';

/** RFC 8301 §3.2 asks signers for at least these. */
const GOOD_RSA_BITS = 2048;
/** The last octets of an Ed25519 key in its DER form are the key itself (RFC 8410 §4). */
const ED25519_OCTETS = 32;

export interface SigningKey {
  /** `d=`, in A-labels and lower case. */
  readonly domain: string;
  /** `s=`. */
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface SigningKeyName {
  readonly domain: string;
  readonly selector: string;
}

export type SigningKeyReading =
  /** `warning`: what is no reason to refuse it. */
  | { readonly status: 'ok'; readonly key: SigningKey; readonly warning?: string }
  | { readonly status: 'bad'; readonly reason: string };

/** A key from PEM: PKCS#1 or PKCS#8, not encrypted. */
export function readSigningKey({ domain, selector }: SigningKeyName, pem: Buffer): SigningKeyReading {
  try {
    const privateKey = createPrivateKey({ key: pem, format: 'pem' });
    const publicKey = createPublicKey(privateKey);
    const named = { domain: comparableDomain(domain), selector, privateKey, publicKey };
    const type = privateKey.asymmetricKeyType;
    if (type === 'ed25519') return { status: 'ok', key: { ...named, algorithm: 'ed25519-sha256' } };
    if (type !== 'rsa') return bad(`it is a key of type ${type ?? 'unknown'}; RSA or Ed25519 is needed`);
    const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < LEAST_RSA_BITS) return bad(`it has ${bits} bits; verifiers take ${LEAST_RSA_BITS} or more`);
    const key: SigningKey = { ...named, algorithm: 'rsa-sha256' };
    if (bits >= GOOD_RSA_BITS) return { status: 'ok', key };
    return { status: 'ok', key, warning: `it has ${bits} bits only; use ${GOOD_RSA_BITS}` };
  } catch (error) {
    return bad(`it is no private key in PEM without a password: ${messageOf(error)}`);
  }
}

function bad(reason: string): SigningKeyReading {
  return { status: 'bad', reason };
}

/** Where the public key stands in DNS (RFC 6376 §3.6.2.1). */
export function keyRecordName({ domain, selector }: SigningKeyName): string {
  return `${selector}._domainkey.${domain}`;
}

/** The text to publish there (RFC 6376 §3.6.1, RFC 8463 §4). */
export function keyRecordText({ algorithm, publicKey }: SigningKey): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return algorithm === 'rsa-sha256'
    ? `v=DKIM1; k=rsa; p=${der.toString('base64')}`
    : `v=DKIM1; k=ed25519; p=${der.subarray(-ED25519_OCTETS).toString('base64')}`;
}

const NONE: readonly SigningKey[] = [];

/** Keys by domain; immutable. */
export class KeyRing {
  readonly #byDomain = new Map<string, SigningKey[]>();

  constructor(keys: readonly SigningKey[]) {
    for (const key of keys) this.#byDomain.set(key.domain, [...this.of(key.domain), key]);
  }

  get isEmpty(): boolean {
    return this.#byDomain.size === 0;
  }

  /** Keys of this very domain, in the order of the settings; none for most domains. */
  of(domain: string): readonly SigningKey[] {
    return this.#byDomain.get(comparableDomain(domain)) ?? NONE;
  }

  /** Keys of the domain, or of the nearest domain above it that has some. */
  nearest(domain: string): readonly SigningKey[] {
    let name = comparableDomain(domain);
    for (;;) {
      const keys = this.#byDomain.get(name);
      const dot = name.indexOf('.');
      if (keys || dot < 0) return keys ?? NONE;
      name = name.slice(dot + 1);
    }
  }
}

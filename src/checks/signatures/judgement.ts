/**
 * What one signature comes to, when the whole message is there (RFC 6376 §6.1.2, §6.1.3).
 *
 * The rules and the words are those of the library in its strict mode, in the same order: what is
 * wrong with the signature itself, then the hash of the body, then the key, then the octets of the
 * header, then its time. A test holds the two against each other. Only what somebody reads is made.
 *
 * Callers: verifier.ts. Never rejects: what a key source throws is a result.
 */
import { createHash, verify } from 'node:crypto';
import type { KeyAnswer, KeySource, SignatureHeader } from 'mailauth/lib/dkim/dkim-verifier.js';
import { messageOf } from '../../core/errors.js';
import type { CanonicalHeader } from './canonical-header.js';
import { LEAST_RSA_BITS } from './key-cache.js';

/** As `Authentication-Results` knows it, with what the library says beside it. */
export interface Verdict {
  readonly result: 'pass' | 'fail' | 'neutral' | 'policy' | 'temperror';
  readonly comment?: string;
  readonly policy?: { readonly 'dkim-rules': string };
  /** The key says that its domain only tries. */
  readonly testing?: boolean;
}

export interface JudgedSignature {
  readonly signingDomain: string;
  readonly selector: string;
  /** As written. */
  readonly algo: unknown;
  /** Where the library looks for it, when the signature is that of a chain. */
  readonly status: Verdict;
  /** Octets of the canonical body that an `l=` leaves out. */
  readonly uncovered: number;
  /** Who signed, as the library tells it: `i`, `b` and others. */
  readonly who: Readonly<Record<string, unknown>>;
}

/** What of the library is used here. */
export interface Rules {
  /** Lower case, A-labels, no dot at the end. */
  readonly normalized: (domain: string) => string;
  /** What is said of a key that cannot serve, by the code of the error that was thrown for it. */
  readonly keyFaults: ReadonlyMap<string, string>;
}

export interface JudgementDeps {
  readonly rules: Rules;
  readonly header: CanonicalHeader;
  readonly keys: KeySource;
  readonly now: Date;
}

/** The hash of the body as one signature wants it made. */
export interface HashedBody {
  /** In base64. */
  readonly hash: string;
  /** Octets of the canonical body that an `l=` leaves out. */
  readonly uncovered: number;
}

const WEAK_ALGORITHM: Verdict = {
  result: 'policy',
  comment: 'weak algorithm',
  policy: { 'dkim-rules': 'weak-algorithm' },
};
const WEAK_KEY: Verdict = { result: 'policy', policy: { 'dkim-rules': 'weak-key' } };

function neutral(comment: string): Verdict {
  return { result: 'neutral', comment };
}

export function tag({ parsed }: SignatureHeader, name: string): string {
  const value = parsed?.[name]?.value;
  return typeof value === 'string' ? value : '';
}

/** `body` is there unless the signature is skipped or invalid. */
export async function verdictOf(
  signature: SignatureHeader,
  body: HashedBody | undefined,
  deps: JudgementDeps,
): Promise<Verdict> {
  const fault = signature.skip ?? signature.invalid;
  if (fault !== undefined) return neutral(fault);
  if (tag(signature, 'bh') !== body?.hash) {
    return { result: 'fail', comment: 'body hash did not verify' };
  }
  // RFC 8301 §3.1.
  if (signature.hashAlgo === 'sha1') return WEAK_ALGORITHM;
  let key: KeyAnswer;
  try {
    const name = `${signature.selector}._domainkey.${signature.signingDomain}`;
    key = await deps.keys.get(signature.type, name, LEAST_RSA_BITS, { strict: true, hashAlgo: 'sha256' });
  } catch (error) {
    return withoutKey(error, deps.rules);
  }
  const unfit = keyFault(signature, key, deps.rules);
  const verdict = unfit === '' ? withKey(signature, key, deps) : neutral(unfit);
  return key.testing ? { ...verdict, testing: true } : verdict;
}

function withoutKey(error: unknown, { keyFaults }: Rules): Verdict {
  const thrown = error instanceof Error && 'code' in error ? error.code : undefined;
  const code = typeof thrown === 'string' ? thrown : '';
  if (code === 'ESHORTKEY') return WEAK_KEY;
  const comment = keyFaults.get(code);
  if (comment !== undefined) return neutral(comment);
  return { result: 'temperror', comment: `DNS failure: ${code || messageOf(error)}` };
}

/** Why the key does not serve for this signature; empty when it does. */
function keyFault(signature: SignatureHeader, key: KeyAnswer, { normalized }: Rules): string {
  if (key.keyType !== signature.signAlgo) return 'inappropriate key algorithm';
  const { identityDomain = '', signingDomain = '' } = signature;
  // RFC 6376 §3.6.1 `t=s`: an identity of a subdomain is not one of this key's.
  if (identityDomain === '' || !key.flags.includes('s')) return '';
  return normalized(identityDomain) === normalized(signingDomain) ? '' : 'domain mismatch';
}

function withKey(signature: SignatureHeader, { publicKey }: KeyAnswer, deps: JudgementDeps): Verdict {
  const form = signature.headerCanon === 'relaxed' ? 'relaxed' : 'simple';
  const field = signature.original.toString('latin1');
  const covered = deps.header.covered(tag(signature, 'h'), form, field);
  const value = Buffer.from(tag(signature, 'b'), 'base64');
  try {
    // RFC 8463 §3: Ed25519 signs the hash of what RSA signs.
    const isRight =
      signature.signAlgo === 'rsa'
        ? verify('sha256', covered, publicKey, value)
        : verify(null, createHash('sha256').update(covered).digest(), publicKey, value);
    if (!isRight) return { result: 'fail', comment: 'bad signature' };
  } catch (error) {
    return neutral(messageOf(error));
  }
  return inTime(signature, deps.now);
}

function inTime({ expiration, timestamp }: SignatureHeader, now: Date): Verdict {
  if (!expiration) return { result: 'pass' };
  if (expiration < now) return neutral('expired');
  return timestamp && expiration < timestamp ? neutral('invalid expiration') : { result: 'pass' };
}

/**
 * The seam to mailauth's verifier of DKIM-Signature and ARC-Message-Signature.
 *
 * The library reads the signatures, decides what they cover and judges them, in its strict mode.
 * Ours are the octets: the header comes as it was cut already, the body is hashed piece by piece
 * while it arrives, and keys are imported once. What a stranger can make expensive is bounded
 * before it costs: the number of signatures, and the fields that one of them names.
 *
 * Callers: message-signatures.ts. RFC 6376 §6.1, RFC 8617 §5.2.
 */
import type {
  BodyHasher,
  DkimVerifier,
  HeaderLine,
  KeySource,
  ParsedHeaders,
  SignatureHeader,
} from 'mailauth/lib/dkim/dkim-verifier.js';
import { lazily } from '../../core/lazily.js';
import type { HeaderBlock } from '../../message/header-block.js';
import { BodyHash, type BodyHashOptions } from './body-hash.js';
import { LEAST_RSA_BITS } from './key-cache.js';

/** Signatures of one message that are looked at; RFC 6376 §6.1 leaves the number to the verifier. */
const MOST_SIGNATURES = 10;
/** Field names in one `h=`: each is looked for in the whole header. */
const MOST_SIGNED_FIELDS = 300;

const NOTHING = Buffer.alloc(0);

/** Our hash of the body under the names by which the library calls it. */
class Hasher extends BodyHash implements BodyHasher {
  setContentType(): void {
    // The library would look for the first part of a multipart body; nothing here asks for it.
  }

  getMimeStructureStart(): undefined {
    return undefined;
  }
}

export interface SignatureVerifier extends DkimVerifier {
  /** Reads the signatures of a header; the body may come from now on. */
  begin(header: HeaderBlock): Promise<void>;
  /** All octets of the body have come: fetches keys with `keys` and judges. */
  conclude(keys: KeySource): Promise<void>;
}

export type NewVerifier = (now: Date) => SignatureVerifier;

function headerLines(header: HeaderBlock): ParsedHeaders {
  const parsed = header.fields.map((field): HeaderLine => {
    const { raw } = field;
    // Without its last CRLF, which the canonical forms put back themselves.
    return { key: field.name.toLowerCase(), casedKey: field.name, line: raw.subarray(0, raw.length - 2) };
  });
  return { parsed, original: NOTHING };
}

function namesTooMuch({ parsed }: SignatureHeader): boolean {
  const names = parsed?.['h']?.value;
  if (typeof names !== 'string') return false;
  let count = 1;
  for (let at = names.indexOf(':'); at >= 0; at = names.indexOf(':', at + 1)) count += 1;
  return count > MOST_SIGNED_FIELDS;
}

function hashOptions(canonicalization: string, algorithm: string, limit: number | ''): BodyHashOptions {
  const options = {
    canonicalization: canonicalization === 'relaxed' ? 'relaxed' : 'simple',
    algorithm: algorithm === 'sha1' ? 'sha1' : 'sha256',
  } as const;
  return limit === '' ? options : { ...options, limit };
}

function define(base: typeof DkimVerifier): NewVerifier {
  class Verifier extends base implements SignatureVerifier {
    #seen = 0;

    async begin(header: HeaderBlock): Promise<void> {
      this.headers = headerLines(header);
      await this.messageHeaders(this.headers);
    }

    async conclude(keys: KeySource): Promise<void> {
      this.keyCache = keys;
      this.arc.keyCache = keys;
      for (const { type, signingDomain, selector, hashAlgo, skip, invalid } of this.signatureHeaders) {
        if (skip !== undefined || invalid !== undefined || !signingDomain || !selector) continue;
        const name = `${selector}._domainkey.${signingDomain}`;
        const options = hashAlgo === undefined ? { strict: true } : { strict: true, hashAlgo };
        // All keys at once; who fails is heard when the signature is judged, which asks again.
        keys.get(type, name, LEAST_RSA_BITS, options).catch(() => undefined);
      }
      await this.finalChunk();
    }

    override prepareSignature(header: SignatureHeader): void {
      super.prepareSignature(header);
      if (header.type === 'DKIM') this.#seen += 1;
      // `skip` and not `invalid`: for the latter the library looks up every field all the same.
      if (header.type === 'DKIM' && this.#seen > MOST_SIGNATURES) header.skip = 'too many signatures';
      else if (namesTooMuch(header)) header.skip = 'too many signed fields';
    }

    override addBodyHash(canonicalization: string, algorithm: string, limit: number | ''): string {
      const key = `${canonicalization}:${algorithm}:${limit}`;
      if (!this.bodyHashes.has(key)) {
        this.bodyHashes.set(key, new Hasher(hashOptions(canonicalization, algorithm, limit)));
      }
      return key;
    }
  }
  return (curTime) =>
    new Verifier({ resolver: undefined, strict: true, minBitLength: LEAST_RSA_BITS, curTime });
}

/** Loaded for the first signed message: the library takes a tenth of a second, which start-up need not pay. */
export const loadVerifier: () => Promise<NewVerifier> = lazily(async () =>
  define((await import('mailauth/lib/dkim/dkim-verifier.js')).DkimVerifier),
);

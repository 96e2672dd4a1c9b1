/**
 * The seam to mailauth's verifier of DKIM-Signature and ARC-Message-Signature.
 *
 * The library reads the signatures and says, in its strict mode, which of them can be judged at all.
 * Ours are the octets and the judgement: the header comes as it was cut already, the body is hashed
 * piece by piece while it arrives, and what a signature covers is made once for all of them. What a
 * stranger can make expensive is bounded before it costs: here the names in a signature and the ways
 * to hash the body, in shown-header.ts the header itself.
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
import { emptyHeader, type HeaderBlock } from '../../message/header-block.js';
import { BodyHash, type BodyHashOptions } from './body-hash.js';
import { CanonicalHeader } from './canonical-header.js';
import { type HashedBody, type JudgedSignature, type Rules, tag, verdictOf } from './judgement.js';
import { LEAST_RSA_BITS } from './key-cache.js';
import { isShown, type ShownHeader, shownHeader } from './shown-header.js';

/** Field names in one `h=`: each is looked for in the whole header. */
const MOST_SIGNED_FIELDS = 300;
/** Characters of `d=` and `s=` as names of DNS, and of an `i=` with everything encoded. */
const LONGEST_NAME = 255;
const LONGEST_IDENTITY = 1000;
/** Different ways in which the signatures of a message hash its body; each reads it once more. */
const MOST_BODY_HASHES = 5;

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
  /**
   * All octets of the body have come: fetches keys with `keys` and judges the signatures of DKIM, in
   * the order of the header. What the newest one of ARC comes to stays with the chain.
   */
  conclude(keys: KeySource): Promise<readonly JudgedSignature[]>;
}

export type NewVerifier = (now: Date) => SignatureVerifier;

/** The fields of a header that the library reads, as it takes them. */
function headerLines(header: HeaderBlock): ParsedHeaders {
  const parsed: HeaderLine[] = [];
  for (const field of header.fields) {
    const key = field.name.toLowerCase();
    if (!isShown(key)) continue;
    const { raw } = field;
    // Without its last CRLF, which the canonical forms put back themselves.
    parsed.push({ key, casedKey: field.name, line: raw.subarray(0, raw.length - 2) });
  }
  return { parsed, original: NOTHING };
}

/** Why a signature is too expensive to be judged; empty when it is not. */
function excessOf(header: SignatureHeader): string {
  if (tag(header, 'd').length > LONGEST_NAME || tag(header, 's').length > LONGEST_NAME)
    return 'name too long';
  if (header.type === 'DKIM' && tag(header, 'i').length > LONGEST_IDENTITY) return 'identity too long';
  const names = tag(header, 'h');
  let count = 1;
  for (let at = names.indexOf(':'); at >= 0; at = names.indexOf(':', at + 1)) count += 1;
  return count > MOST_SIGNED_FIELDS ? 'too many signed fields' : '';
}

/** Marks a signature as not looked at; who made it is told where it fits into a name. */
function skip(header: SignatureHeader, why: string): void {
  const [domain, selector] = [tag(header, 'd'), tag(header, 's')];
  // `skip` and not `invalid`: for the latter the library looks up every field all the same.
  header.skip = why;
  if (domain.length <= LONGEST_NAME) header.signingDomain = domain;
  if (selector.length <= LONGEST_NAME) header.selector = selector;
}

function bodyHashKey(canonicalization: string, algorithm: string, limit: number | ''): string {
  return `${canonicalization}:${algorithm}:${limit}`;
}

/** As the library reports what is wrong with a chain. */
class ChainFault extends Error {
  readonly code = 'invalid_arc_tags';
}

function hashOptions(canonicalization: string, algorithm: string, limit: number | ''): BodyHashOptions {
  const options = {
    canonicalization: canonicalization === 'relaxed' ? 'relaxed' : 'simple',
    algorithm: algorithm === 'sha1' ? 'sha1' : 'sha256',
  } as const;
  return limit === '' ? options : { ...options, limit };
}

function hashedBodies(hashers: DkimVerifier['bodyHashes']): ReadonlyMap<string, HashedBody> {
  const bodies = new Map<string, HashedBody>();
  for (const [key, hasher] of hashers) {
    const hash = hasher.digest('base64');
    bodies.set(key, { hash, uncovered: hasher.canonicalizedLength - hasher.bodyHashedBytes });
  }
  return bodies;
}

/** The signatures of DKIM; that of the newest set of a chain goes where the chain is looked at. */
function withoutChain(
  judged: readonly JudgedSignature[],
  { signatureHeaders, arc: { lastEntry } }: DkimVerifier,
): readonly JudgedSignature[] {
  return judged.filter((one, at) => {
    const header = signatureHeaders[at];
    if (header?.type !== 'ARC') return true;
    if (lastEntry && header.skip === undefined) lastEntry['messageSignature'] = one;
    return false;
  });
}

function define(base: typeof DkimVerifier, rules: Rules): NewVerifier {
  class Verifier extends base implements SignatureVerifier {
    #shown: ShownHeader | undefined;
    /** What is signed is looked for in all of it. */
    #canonical = new CanonicalHeader(emptyHeader());

    async begin(header: HeaderBlock): Promise<void> {
      const shown = shownHeader(headerLines(header));
      this.#shown = shown;
      this.#canonical = new CanonicalHeader(header);
      await this.messageHeaders(shown.headers);
      if (shown.chainFault !== '') this.arc.error = new ChainFault(shown.chainFault);
    }

    async conclude(keys: KeySource): Promise<readonly JudgedSignature[]> {
      this.arc.keyCache = keys;
      const { signatureHeaders, bodyHashes, curTime: now } = this;
      const bodies = hashedBodies(bodyHashes);
      const deps = { rules, header: this.#canonical, keys, now };
      // Side by side, so that all keys are asked for at once.
      const judged = signatureHeaders.map(async (header): Promise<JudgedSignature> => {
        const body = bodies.get(header.bodyHashKey ?? '');
        const status = await verdictOf(header, body, deps);
        const { signingDomain = '', selector = '' } = header;
        const [uncovered, who] = [body?.uncovered ?? 0, this.getStatusHeader(header)];
        return { signingDomain, selector, algo: header.parsed?.['a']?.value, status, uncovered, who };
      });
      return withoutChain(await Promise.all(judged), this);
    }

    override prepareSignature(header: SignatureHeader): void {
      const { original: line } = header;
      const excess = this.#shown?.refused.get(line) ?? excessOf(header);
      if (excess !== '') {
        skip(header, excess);
        return;
      }
      header.original = this.#shown?.original.get(line) ?? line;
      super.prepareSignature(header);
      // RFC 6376 §3.5: without the form of the header there is no form of the body.
      if (tag(header, 'c').startsWith('/')) skip(header, 'unknown canonicalization');
      if (this.#hashesTooMuch(header)) skip(header, 'too many ways to hash the body');
    }

    #hashesTooMuch({ bodyCanon = '', hashAlgo = '', maxBodyLength = '' }: SignatureHeader): boolean {
      const isNew = !this.bodyHashes.has(bodyHashKey(bodyCanon, hashAlgo, maxBodyLength));
      return isNew && this.bodyHashes.size >= MOST_BODY_HASHES;
    }

    override addBodyHash(canonicalization: string, algorithm: string, limit: number | ''): string {
      const key = bodyHashKey(canonicalization, algorithm, limit);
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
export const loadVerifier: () => Promise<NewVerifier> = lazily(async () => {
  const [{ DkimVerifier: base }, tools] = await Promise.all([
    import('mailauth/lib/dkim/dkim-verifier.js'),
    import('mailauth/lib/tools.js'),
  ]);
  return define(base, { normalized: tools.normalizeDomainName, keyFaults: tools.KEY_ERROR_COMMENTS });
});

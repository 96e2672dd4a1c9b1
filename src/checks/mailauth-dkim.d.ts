/** What we use of mailauth's modules for DKIM, ARC and DMARC, which are loaded by their inner paths. */
declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { KeyObject } from 'node:crypto';

  export interface HeaderLine {
    /** Name in lower case, and as written. */
    readonly key: string;
    readonly casedKey: string;
    /** The whole field without its last line end. */
    readonly line: Buffer;
  }

  export interface ParsedHeaders {
    readonly parsed: readonly HeaderLine[];
    readonly original: Buffer;
  }

  /** One hash of the body; the verifier asks for one for each different way of signing. */
  export interface BodyHasher {
    /** Octets of the canonical body, and how many of them are in the hash. */
    readonly canonicalizedLength: number;
    readonly bodyHashedBytes: number;
    update(octets: Buffer): void;
    digest(encoding: 'base64'): string;
    setContentType(type: unknown): void;
    getMimeStructureStart(): unknown;
  }

  export interface KeyAnswer {
    readonly publicKey: KeyObject | string;
    readonly rr: string;
    readonly modulusLength?: number;
    readonly keyType: string;
    readonly flags: readonly string[];
    readonly testing: boolean;
    readonly warnings: readonly string[];
  }

  export interface KeyOptions {
    readonly strict?: boolean;
    readonly hashAlgo?: string;
  }

  export interface KeySource {
    readonly resolver: unknown;
    get(
      type: string,
      name: string,
      minBitLength: number | undefined,
      options?: KeyOptions,
    ): Promise<KeyAnswer>;
  }

  export interface SignatureHeader {
    readonly type: 'DKIM' | 'ARC';
    readonly parsed?: Readonly<Record<string, { readonly value: unknown }>>;
    /** The field that is canonicalized as part of what is signed. */
    original: Buffer;
    signingDomain?: string;
    selector?: string;
    readonly signAlgo?: string;
    readonly hashAlgo?: string;
    readonly headerCanon?: string;
    readonly bodyCanon?: string;
    readonly maxBodyLength?: number | '';
    /** Which hash of the body is its own; none for a signature that is skipped or invalid. */
    readonly bodyHashKey?: string;
    /** What follows the last `@` of an `i=`. */
    readonly identityDomain?: string;
    readonly timestamp?: Date | null;
    readonly expiration?: Date | null;
    /** Set: the signature is not looked at, for this reason. */
    skip?: string;
    /** Set: the signature cannot pass, for this reason. */
    invalid?: string;
  }

  export interface ArcData {
    readonly chain: readonly unknown[] | false;
    error?: Error;
    /** The newest set; what its signature of the message comes to is put into `messageSignature`. */
    readonly lastEntry?: Record<string, unknown>;
    readonly warnings: readonly string[];
    keyCache: KeySource;
  }

  export class DkimVerifier {
    constructor(options: {
      readonly resolver: unknown;
      readonly strict: boolean;
      readonly minBitLength: number;
      readonly curTime: Date;
      readonly sender?: string;
    });
    readonly curTime: Date;
    readonly arc: ArcData;
    readonly signatureHeaders: readonly SignatureHeader[];
    readonly bodyHashes: Map<string, BodyHasher>;
    messageHeaders(headers: ParsedHeaders): Promise<void>;
    /** Who signed, as a result tells it. */
    getStatusHeader(header: SignatureHeader): Readonly<Record<string, unknown>>;
    prepareSignature(header: SignatureHeader): void;
    addBodyHash(canonicalization: string, algorithm: string, limit: number | ''): string;
  }
}

declare module 'mailauth/lib/arc/index.js' {
  import type { ArcData } from 'mailauth/lib/dkim/dkim-verifier.js';

  export interface ArcAnswer {
    readonly i?: number | false;
    readonly status: { readonly result: string; readonly comment?: string };
  }

  export function arc(
    data: ArcData,
    options: { readonly resolver: unknown; readonly minBitLength: number; readonly strict: boolean },
  ): Promise<ArcAnswer>;
}

declare module 'mailauth/lib/dmarc/index.js' {
  export interface DmarcAnswer {
    readonly status: {
      readonly result: string;
      readonly comment?: string;
      readonly header?: { readonly from?: string };
    };
    readonly domain: string;
    readonly policyDomain?: string;
    readonly policy?: string;
    readonly testMode?: boolean;
    readonly error?: string;
    readonly alignment?: {
      readonly spf: { readonly result?: string };
      readonly dkim: { readonly result?: string };
    };
  }

  export interface DmarcRequest {
    readonly headerFrom: readonly string[];
    readonly fromFields: number;
    readonly spfDomains: readonly { readonly domain: string }[];
    readonly dkimDomains: readonly { readonly domain: string; readonly underSized?: number }[];
    /** As node:dns resolves; asked for TXT and A. */
    readonly resolver: (name: string, type: string) => Promise<readonly unknown[]>;
    readonly strict: boolean;
  }

  export interface DmarcEvaluation {
    /** False when there is no one domain of the author. */
    readonly response: DmarcAnswer | false;
    readonly reason?: string;
  }

  export function evaluateDmarc(request: DmarcRequest): Promise<DmarcEvaluation>;
}

declare module 'mailauth/lib/dmarc/author-domain.js' {
  /** Both are there when there is one domain of the author: as written in lower case, and as asked. */
  export function getAuthorDomain(
    headerFrom: readonly string[],
    fromFields: number,
  ): { readonly domain?: string; readonly authorDomain?: string };
}

declare module 'mailauth/lib/dmarc/get-dmarc-record.js' {
  export type Policy = 'none' | 'quarantine' | 'reject';

  /** Values in lower case where case does not matter. */
  export interface DmarcRecord {
    readonly aspf?: string;
    readonly adkim?: string;
    readonly t?: string;
    readonly psd?: string;
  }

  /** The one valid record of a domain, or false; rejects when DNS is in trouble. Asks once for a name. */
  export type RecordLookup = (domain: string) => Promise<DmarcRecord | false>;

  export function createRecordLookup(resolver: unknown, options: { readonly strict: boolean }): RecordLookup;

  /** Null when the record has no valid policy, and nobody to report to. */
  export function getPolicyTags(record: DmarcRecord): { readonly p: Policy } | null;
}

declare module 'mailauth/lib/tools.js' {
  /** Lower case and A-labels, without the final dot. */
  export function formatDomain(domain: string): string;

  /** The same for what may be no name at all. */
  export function normalizeDomainName(domain: string): string;

  /** What is said of a key that cannot serve, by the code of the error that was thrown for it. */
  export const KEY_ERROR_COMMENTS: ReadonlyMap<string, string>;

  import type { KeyAnswer, KeyOptions } from 'mailauth/lib/dkim/dkim-verifier.js';

  export function getPublicKey(
    ...question: readonly [
      type: string,
      name: string,
      minBitLength: number | undefined,
      resolver: (name: string, type: string) => Promise<unknown>,
      options?: KeyOptions,
    ]
  ): Promise<KeyAnswer>;
}

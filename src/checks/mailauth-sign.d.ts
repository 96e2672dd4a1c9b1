/** What we use of mailauth's modules for signing, which are loaded by their inner paths. */
declare module 'mailauth/lib/dkim/header/index.js' {
  import type { HeaderLine } from 'mailauth/lib/dkim/dkim-verifier.js';
  import type { SignatureTags } from 'mailauth/lib/tools.js';

  export function generateCanonicalizedHeader(
    type: 'DKIM',
    lines: { readonly keys: string; readonly headers: readonly HeaderLine[] },
    options: {
      readonly signingDomain: string;
      readonly selector: string;
      readonly algorithm: string;
      readonly canonicalization: string;
      readonly bodyHash: string;
      /** Seconds. */
      readonly timestamp: number;
      readonly expiration: number | false;
    },
  ): { readonly canonicalizedHeader: Buffer; readonly dkimHeaderOpts: SignatureTags };
}

declare module 'mailauth/lib/tools.js' {
  import type { HeaderLine } from 'mailauth/lib/dkim/dkim-verifier.js';

  export type SignatureTags = Readonly<Record<string, string | number | false>>;

  /** The fields that a list of names stands for, found from below as verifiers find them. */
  export function getSigningHeaderLines(
    fields: readonly HeaderLine[],
    names: string,
    asVerifier: true,
  ): { readonly headers: readonly HeaderLine[] };

  export function formatSignatureHeaderLine(type: 'DKIM', tags: SignatureTags, folded: true): string;
}

/** What we use of mailauth's modules for signing, which are loaded by their inner paths. */
declare module 'mailauth/lib/tools.js' {
  /** Tags in any order; those that are false are left out. */
  export type SignatureTags = Readonly<Record<string, string | number | false>>;

  /** The field without its last line end; tags stand in their customary order. */
  export function formatSignatureHeaderLine(type: 'DKIM', tags: SignatureTags, folded: true): string;
}

/**
 * The UserSource port: which users there are, and by what they prove who they are.
 *
 * Names are compared as NFC, and beyond that exactly, letter case included (RFC 8265 §3.4 keeps
 * the case as well). A source answers from memory and never waits: a slow answer would tell a
 * stranger that the name means something.
 *
 * Callers: the authenticator asks; auth/users-file and embedders answer.
 */

export type UserSecret =
  /** `hash` as password-hash writes it: `$scrypt$ln=15,r=8,p=1$salt$key`. */
  | { readonly kind: 'hash'; readonly hash: string }
  /** The password itself, in NFC. CRAM-MD5 works with these only. */
  | { readonly kind: 'plain'; readonly secret: string };

export interface UserSource {
  /** What `name`, given in NFC, proves itself by; undefined when there is no such user. Never throws. */
  find(name: string): UserSecret | undefined;
  /** Whether any user has a plain secret, so that CRAM-MD5 can succeed at all. */
  readonly hasPlainSecrets: boolean;
}

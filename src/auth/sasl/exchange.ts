/**
 * What one exchange of AUTH is, whatever the mechanism: lines in, steps out (RFC 4954 §4).
 *
 * An exchange is pure: it holds what it was told, reads no clock and knows no user. It ends with
 * credentials, which prove nothing yet, or with the reason of its failure; after that it is thrown
 * away. Nothing here throws, whatever a client sends.
 *
 * Callers: the session's AUTH command; the mechanisms implement it.
 */

export const MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'] as const;

export type Mechanism = (typeof MECHANISMS)[number];

/** What a client claims, still to be verified. */
export type Credentials =
  | {
      readonly mechanism: 'PLAIN' | 'LOGIN';
      readonly user: string;
      readonly password: string;
      /** The client wants to act as somebody else, which nobody may: wrong, whatever the password. */
      readonly isForOther?: true;
    }
  | {
      readonly mechanism: 'CRAM-MD5';
      readonly user: string;
      /** The challenge as it was before base64. */
      readonly challenge: string;
      /** The client's answer: 32 hexadecimal digits in lower case. */
      readonly digest: string;
    };

/** Why an exchange ended without credentials; beside each the reply that RFC 4954 §4 and §6 ask for. */
export type SaslFailure =
  /** The client sent `*`: 501 5.0.0. */
  | 'cancelled'
  /** A response is not base64: 501 5.5.2. */
  | 'notBase64'
  /** A line is longer than LONGEST_RESPONSE: 500 5.5.6. */
  | 'tooLong'
  /** The decoded text does not follow the mechanism's grammar: 501 5.5.2. */
  | 'malformed'
  /** An initial response where the server speaks first: 501 5.7.0. */
  | 'unexpected';

export type SaslStep =
  /** Send `334`, a space and `challenge`, which is in base64 already and may be empty. */
  | { readonly status: 'challenge'; readonly challenge: string }
  | { readonly status: 'credentials'; readonly credentials: Credentials }
  | { readonly status: 'failed'; readonly reason: SaslFailure };

export interface SaslExchange {
  /** Begins. `initialResponse` as it stands in the command (base64, or `=`), undefined when there is none. */
  start(initialResponse: string | undefined): SaslStep;
  /** Takes the line that answers a challenge, without its line end. */
  next(line: string): SaslStep;
}

/** Longest response, octets without the line end (RFC 4954 §4: 12288 with it). */
export const LONGEST_RESPONSE = 12_286;

export function failed(reason: SaslFailure): SaslStep {
  return { status: 'failed', reason };
}

export function challenge(text: string): SaslStep {
  return { status: 'challenge', challenge: Buffer.from(text).toString('base64') };
}

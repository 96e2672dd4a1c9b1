/**
 * What a policy gets of a message it asked to have parsed.
 *
 * Parsing is for looking, never for storing or sending: the stored message stays octet for octet
 * as it came. Plain values only, because they cross a thread.
 *
 * Callers: message/mime/{parser,worker}, hooks (ctx.message.parsed).
 */

export interface ParsedAttachment {
  /** As the message names it; empty when it does not. A claim of the sender, not a path. */
  readonly filename: string;
  /** In lower case, without parameters, as the message claims it. */
  readonly contentType: string;
  readonly disposition: string;
  /** Octets after decoding. */
  readonly size: number;
  /** SHA-256 of the decoded octets, in hex. */
  readonly sha256: string;
}

export interface ParsedMessage {
  readonly subject: string;
  /** Addresses of the header, without display names. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly messageId: string;
  /** Plain text, at most LONGEST_TEXT characters. */
  readonly text: string;
  /** HTML as written, at most LONGEST_TEXT characters. */
  readonly html: string;
  readonly attachments: readonly ParsedAttachment[];
}

/** Characters of text and of HTML that are handed on. */
export const LONGEST_TEXT = 1_000_000;
/** More attachments than this make a message unparsable, and so do more than 1000 parts of all kinds. */
export const MOST_ATTACHMENTS = 500;

/** `unparsable` is an answer, not an error: malformed, too deep, too large or too slow to parse. */
export type ParseOutcome =
  | { readonly status: 'parsed'; readonly message: ParsedMessage }
  | { readonly status: 'unparsable'; readonly reason: string };

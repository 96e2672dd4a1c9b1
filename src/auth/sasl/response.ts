/**
 * One response of a client: from base64 to text.
 *
 * Base64 is read strictly (RFC 4648 §3): the alphabet and nothing else, full padding, no bits
 * beyond the last octet, so that each text has one spelling. The octets must be UTF-8 without
 * control characters; NUL is left to the mechanism that separates by it.
 *
 * Callers: the mechanisms. Nothing here throws.
 */
import { LONGEST_RESPONSE, type SaslFailure } from './exchange.js';

export type ResponseReading =
  | { readonly status: 'ok'; readonly text: string }
  | { readonly status: 'failed'; readonly reason: SaslFailure };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CONTROL_BUT_NUL = /(?!\0)\p{Cc}/u;

function failedReading(reason: SaslFailure): ResponseReading {
  return { status: 'failed', reason };
}

function decodeUtf8(octets: Buffer): string | undefined {
  try {
    return UTF8.decode(octets);
  } catch {
    // Not UTF-8, which a stranger may send; the caller says so.
    return undefined;
  }
}

/** Reads a line that answers a challenge. `*` cancels the exchange; an empty line is an empty response. */
export function readResponse(line: string): ResponseReading {
  if (line.length > LONGEST_RESPONSE) return failedReading('tooLong');
  if (line === '*') return failedReading('cancelled');
  const octets = Buffer.from(line, 'base64');
  // Node skips what is not base64; only the exact spelling comes back as it was.
  if (octets.toString('base64') !== line) return failedReading('notBase64');
  const text = decodeUtf8(octets);
  if (text === undefined || CONTROL_BUT_NUL.test(text)) return failedReading('malformed');
  return { status: 'ok', text };
}

/** Reads the response in the AUTH command itself, where `=` stands for an empty one. */
export function readInitialResponse(argument: string): ResponseReading {
  if (argument === '') return failedReading('notBase64');
  return readResponse(argument === '=' ? '' : argument);
}

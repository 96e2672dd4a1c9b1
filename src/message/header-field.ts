/**
 * The one checked writer of header fields (RFC 5322 §2.2, §3.2.2, §2.1.1; RFC 2047 for other scripts).
 *
 * Nothing that a policy, a client or DNS says can start a second field or end the header: names
 * must be field names, and a value loses its control characters before it is folded. Lines are
 * folded at spaces to 78 characters where they have some, and never exceed 998 octets.
 *
 * Callers: header-block.ts, received.ts, hooks/methods (isHeaderName before an edit is staged).
 */
import { InvariantError } from '../core/errors.js';

export interface HeaderField {
  /** As written. */
  readonly name: string;
  /** The whole field with folds and its final CRLF. */
  readonly raw: Buffer;
}

/** RFC 5322 §2.1.1. */
const LINE_GOAL = 78;
const LINE_LIMIT = 998;
/** Name and colon stand on one line; whatever a message holds can be edited. */
export const LONGEST_NAME: number = LINE_LIMIT - 1;
/** RFC 5322 §2.2: printable ASCII but the colon. */
const NAME = /^[\x21-\x39\x3b-\x7e]+$/;
/** RFC 2047 §2: an encoded word has at most 75 characters; 45 octets make 60 of base64. */
const WORD_OCTETS = 45;

export function isHeaderName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text);
}

/**
 * The value without control characters; each run of them becomes one space, and so does a run of
 * spaces that could fill a folded line, because a line of spaces alone ends a header for some.
 */
export function cleanHeaderValue(value: string): string {
  return value
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/ {50,}/g, ' ')
    .trim();
}

/** Characters outside ASCII as encoded words (RFC 2047 §4.1), whole characters in each. */
function encodeWords(text: string): string {
  const words: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > WORD_OCTETS) {
      words.push(piece);
      piece = '';
    }
    piece += character;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

/** ASCII words stay as they are; each run of other words is encoded together with its spaces. */
function toAscii(value: string): string {
  const isPlain = (word: string): boolean => /^[\x00-\x7f]*$/.test(word);
  if (isPlain(value)) return value;
  const parts: { plain: boolean; words: string[] }[] = [];
  for (const word of value.split(' ')) {
    const plain = isPlain(word);
    const last = parts.at(-1);
    if (last?.plain === plain) last.words.push(word);
    else parts.push({ plain, words: [word] });
  }
  return parts.map(({ plain, words }) => (plain ? words.join(' ') : encodeWords(words.join(' ')))).join(' ');
}

function fold(line: string): string {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > LINE_GOAL) {
    const before = rest.lastIndexOf(' ', LINE_GOAL);
    const cut = before > 0 && rest.slice(0, before).trim() !== '' ? before : rest.indexOf(' ', LINE_GOAL);
    const at = cut < 0 || cut > LINE_LIMIT ? Math.min(rest.length, LINE_LIMIT) : cut;
    if (at === rest.length) break;
    lines.push(rest.slice(0, at));
    rest = rest[at] === ' ' ? rest.slice(at) : ` ${rest.slice(at)}`;
  }
  lines.push(rest);
  return lines.join('\r\n');
}

/**
 * The octets of one field, CRLF at the end. A name that is none is a bug of the caller. With `utf8`
 * other scripts stand as they are, which only a message sent with SMTPUTF8 may have (RFC 6532 §3.4).
 */
export function formatHeaderField(
  name: string,
  value: string,
  { utf8 = false }: { readonly utf8?: boolean } = {},
): Buffer {
  if (!isHeaderName(name)) {
    const reason = `${JSON.stringify(name.slice(0, 40))} is no header name`;
    throw new InvariantError('ERR_INVARIANT', { detail: { reason } });
  }
  const clean = cleanHeaderValue(value);
  // One character for each octet, so that the limit of a line is one of octets.
  const text = utf8 ? Buffer.from(clean).toString('latin1') : toAscii(clean);
  return Buffer.from(`${fold(text === '' ? `${name}:` : `${name}: ${text}`)}\r\n`, 'latin1');
}

/**
 * Whose Authentication-Results is this, and away with those that claim to be ours (RFC 8601 §5).
 *
 * The front of a field is read as the RFC says. A field whose front is written so that some reader
 * could take it for ours is removed too: comments ended early or never, spaces and folds inside the
 * name, encoded words, 8-bit noise, a name behind an empty one. A well-formed field of somebody
 * else stays octet for octet; of a malformed one it is enough that it names us before its first `=`.
 *
 * Callers: engine. Time is linear in the field; nothing throws.
 */
import { domainToASCII } from 'node:url';
import { AUTHENTICATION_RESULTS } from './authentication-results.js';
import type { HeaderBlock } from './header-block.js';

const SPACE = /[ \t\r\n]/;
/** RFC 2045 §5.1 token; RFC 6532 lets other scripts in. */
const TOKEN = /[!#$%&'*+\-.0-9A-Z^_`a-z{|}~\u0080-\u{10ffff}]*/uy;
const VERSION = /\d+/y;
/** RFC 5322 §3.2.4, any white space in it as a fold may leave it. */
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;

/** Where the comment that opens at `start` is over; undefined when it never is. */
function endOfComment(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const c = text[at];
    if (c === '\\') at += 1;
    else if (c === '(') depth += 1;
    else if (c === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** Behind white space and comments (RFC 5322 §3.2.2); undefined when a comment has no end. */
function skipCfws(text: string, start: number): number | undefined {
  let at = start;
  for (;;) {
    while (at < text.length && SPACE.test(text[at] ?? '')) at += 1;
    if (text[at] !== '(') return at;
    const end = endOfComment(text, at);
    if (end === undefined) return undefined;
    at = end;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Whether a version or nothing stands between the name and the first statement. */
function isFrontOver(text: string, start: number): boolean {
  let at = skipCfws(text, start);
  if (at === undefined) return false;
  const version = matchAt(VERSION, text, at);
  if (version && at > start) at = skipCfws(text, at + version[0].length);
  return at !== undefined && (at === text.length || text[at] === ';');
}

/**
 * The authserv-id at the front of a field's value, without quotes and escapes, in its own letter
 * case; undefined when the front is not as RFC 8601 §2.2 has it. Folds may be there or undone.
 */
export function authservIdOf(value: string): string | undefined {
  const at = skipCfws(value, 0);
  if (at === undefined) return undefined;
  const quoted = matchAt(QUOTED, value, at);
  const written = quoted?.[0] ?? matchAt(TOKEN, value, at)?.[0] ?? '';
  if (written === '' || !isFrontOver(value, at + written.length)) return undefined;
  return quoted ? (quoted[1] ?? '').replace(/\r\n/g, '').replace(/\\([^])/g, '$1') : written;
}

/** Characters of a name, with what nobody sees in it; real ones have far fewer. */
const LONGEST_WORD = 1000;
/** Names in other scripts that are compared in one malformed front; with more of them it is no name. */
const MOST_FOREIGN_WORDS = 200;
const UNSEEN = /[\p{C}\p{DI}]/gu;
const NAME_CHARACTER = /[\p{L}\p{N}\p{M}\p{Cs}]/u;

/** The one spelling to compare: small letters, A-labels, no final dot, no brackets or quotes around. */
function comparable(word: string): string {
  if (word.length > LONGEST_WORD) return '';
  const seen = word.replace(UNSEEN, '');
  const first = seen.search(NAME_CHARACTER);
  if (first < 0) return '';
  let end = seen.length;
  while (!NAME_CHARACTER.test(seen[end - 1] ?? '')) end -= 1;
  const small = seen.slice(first, end).toLowerCase();
  return isAscii(small) ? small : domainToASCII(small) || small;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

/** How a reader may take comments: the RFC's way, and three that forget nesting or backslashes. */
const READINGS = [
  { nested: true, escapes: true },
  { nested: true, escapes: false },
  { nested: false, escapes: true },
  { nested: false, escapes: false },
] as const;
type Reading = (typeof READINGS)[number];

type Span = readonly [start: number, end: number];

/** The outermost comments in one pass; a bracket that is never closed opens none. */
function commentsOf(text: string, { nested, escapes }: Reading): readonly Span[] {
  const found: Span[] = [];
  const opened: number[] = [];
  const close = (end: number): void => {
    const start = opened.pop();
    if (start === undefined) return;
    while ((found.at(-1)?.[0] ?? -1) > start) found.pop();
    found.push([start, end]);
  };
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at];
    if (c === '\\' && escapes && opened.length > 0) at += 1;
    else if (c === '(' && (nested || opened.length === 0)) opened.push(at);
    else if (c === ')') close(at + 1);
  }
  return found;
}

function withoutComments(text: string, reading: Reading): string {
  let kept = '';
  let from = 0;
  for (const [start, end] of commentsOf(text, reading)) {
    kept += `${text.slice(from, start)} `;
    from = end;
  }
  return kept + text.slice(from);
}

const BREAKS = '\\s\\p{Z}\\p{Cc}()<>@,;:\\\\"/[\\]?=';
const WORD = new RegExp(`[^${BREAKS}]+`, 'u');
const WORDS = new RegExp(WORD, 'gu');

/** Whether a reader who takes the first word, whatever stands before it, finds `ours`. */
function beginsWith(text: string, ours: string): boolean {
  return comparable(WORD.exec(text)?.[0] ?? '') === ours;
}

/** Whether `ours` is there for a reader who takes white space and folds out of a name. */
function isSqueezed(text: string, ours: string): boolean {
  const front = /^[\s;,]*([^=;]{0,4000})/.exec(text)?.[1] ?? '';
  const squeezed = comparable(front.replace(/[\s\p{Z}\p{C}"\\]+/gu, ''));
  return squeezed.startsWith(ours) && /^[./]*\d*$/.test(squeezed.slice(ours.length));
}

/** Whether `ours` stands as a word before the first statement. */
function namesInFront(text: string, ours: string): boolean {
  const equals = text.search(/[^=\s]\s*=/);
  let foreign = 0;
  for (const [word] of text.slice(0, equals < 0 ? text.length : equals + 1).matchAll(WORDS)) {
    if (!isAscii(word)) foreign += 1;
    if (foreign > MOST_FOREIGN_WORDS || comparable(word) === ours) return true;
  }
  return false;
}

const ENCODED_WORD = /=\?[^?\s]{1,60}\?([bq])\?([^?\s]{0,500})\?=/gi;

/** Encoded words (RFC 2047 §2) as text: they have no meaning here, but some readers decode first. */
function decodeWords(text: string): string {
  return text.replace(ENCODED_WORD, (_, kind: string, octets: string) => {
    if (kind.toLowerCase() === 'b') return Buffer.from(octets, 'base64').toString();
    const hex = (_match: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));
    const binary = octets.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, hex);
    return Buffer.from(binary, 'latin1').toString();
  });
}

function claims(text: string, ours: string): boolean {
  const id = comparable(authservIdOf(text) ?? '');
  if (id === ours) return true;
  const malformed = id === '';
  const looksOurs = (seen: string): boolean =>
    beginsWith(seen, ours) || (malformed && (isSqueezed(seen, ours) || namesInFront(seen, ours)));
  if (malformed && namesInFront(text, ours)) return true;
  if (!text.includes('(')) return looksOurs(text);
  return READINGS.some((reading) => looksOurs(withoutComments(text, reading)));
}

/** Every text that a reader could see in the octets of a field. */
function readingsOf(raw: Buffer): readonly string[] {
  const octets = raw.subarray(raw.indexOf(':') + 1);
  const latin = octets.toString('latin1');
  const texts = isAscii(latin) ? [latin] : [octets.toString(), latin];
  return latin.includes('=?') ? [...texts, ...texts.map(decodeWords)] : texts;
}

interface Cleaned {
  readonly header: HeaderBlock;
  /** How many fields were taken out. */
  readonly removed: number;
}

/**
 * The header without the Authentication-Results that claim to be of `authservId`; all other fields
 * as they came. An empty id removes nothing.
 */
export function removeForged(header: HeaderBlock, authservId: string): Cleaned {
  const ours = comparable(authservId);
  if (ours === '' || header.count(AUTHENTICATION_RESULTS) === 0) return { header, removed: 0 };
  const name = AUTHENTICATION_RESULTS.toLowerCase();
  const kept = header.filter(
    (field) => field.name.toLowerCase() !== name || !readingsOf(field.raw).some((text) => claims(text, ours)),
  );
  return { header: kept, removed: header.fields.length - kept.fields.length };
}

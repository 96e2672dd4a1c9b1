/**
 * Whose Authentication-Results is this, and away with those that claim to be ours (RFC 8601 §5).
 *
 * The front of a field is read as the RFC says. A field whose front is written so that some reader
 * could take it for ours is removed too: comments ended early or never, spaces and folds inside the
 * name, encoded words, 8-bit noise, a name behind an empty one. A well-formed field of somebody
 * else stays octet for octet; of a malformed one it is enough that it names us before its first `=`.
 *
 * What all fields of a header may cost together is bounded: those that are left when it is used up are
 * taken out, because nobody honest writes so many and nobody has seen whose they are.
 *
 * Callers: engine; app, for the settings. Time is linear in the header; nothing throws.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { AUTHENTICATION_RESULTS, formatAuthenticationResults } from './authentication-results.js';
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
/** Characters of a name in another script for each one of ours: accents may stand apart. */
const MOST_FOR_ONE = 4;
/** Characters that are read in one header, each as often as it is looked at; usual headers take some thousand. */
const MOST_STEPS = 2_000_000;
const UNSEEN = /[\p{C}\p{DI}]/gu;
const NAME_CHARACTER = /[\p{L}\p{N}\p{M}\p{Cs}]/u;

/** Small letters, no final dot, no brackets or quotes around, nothing that nobody sees. */
function bare(word: string): string {
  if (word.length > LONGEST_WORD) return '';
  const seen = word.replace(UNSEEN, '');
  const first = seen.search(NAME_CHARACTER);
  if (first < 0) return '';
  let end = seen.length;
  while (!NAME_CHARACTER.test(seen[end - 1] ?? '')) end -= 1;
  return seen.slice(first, end).toLowerCase();
}

/** Letters that IDNA takes for the same are the same. */
function folded(small: string): string {
  return small.normalize('NFKC').toLowerCase().normalize('NFKC').replaceAll('\u3002', '.');
}

function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}]/gu, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`);
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

/** Every text that a reader could see in the octets of a field. */
function readingsOf(raw: Buffer): readonly string[] {
  const octets = raw.subarray(raw.indexOf(':') + 1);
  const latin = octets.toString('latin1');
  const texts = isAscii(latin) ? [latin] : [octets.toString(), latin];
  return latin.includes('=?') ? [...texts, ...texts.map(decodeWords)] : texts;
}

/** Our name, in every spelling, and what it has cost so far to look for it. */
class OwnName {
  readonly #whole: RegExp;
  readonly #squeezed: RegExp;
  readonly #longest: number;
  steps = 0;

  private constructor(pattern: string, longest: number) {
    this.#whole = new RegExp(`^${pattern}$`, 'u');
    // A version may follow.
    this.#squeezed = new RegExp(`^${pattern}[./]*\\d*$`, 'u');
    this.#longest = longest;
  }

  /** `undefined` for a name without letters and digits, which nothing can be compared with. */
  static of(authservId: string): OwnName | undefined {
    const small = bare(authservId);
    if (small === '') return undefined;
    const ascii = isAscii(small) ? small : domainToASCII(small) || folded(small);
    const unicode = folded(domainToUnicode(ascii) || small).split('.');
    // Each label as an A-label or as people read it.
    const labels = ascii.split('.').map((label, at) => {
      const readable = unicode[at] ?? label;
      return readable === label ? escaped(label) : `(?:${escaped(label)}|${escaped(readable)})`;
    });
    return new OwnName(labels.join('\\.'), MOST_FOR_ONE * Math.max(ascii.length, small.length));
  }

  /** Whether the field is ours, or could be taken for ours; also when there is no time left to see. */
  isIn(raw: Buffer): boolean {
    return this.#isUsedUp() || readingsOf(raw).some((text) => this.#claims(text));
  }

  #isUsedUp(): boolean {
    return this.steps > MOST_STEPS;
  }

  #claims(text: string): boolean {
    this.steps += text.length;
    const id = this.#comparable(authservIdOf(text) ?? '');
    if (this.#whole.test(id)) return true;
    const malformed = id === '';
    if (malformed && this.#namesInFront(text)) return true;
    if (!text.includes('(')) return this.#looksOurs(text, malformed);
    const seen = new Set<string>();
    return READINGS.some((reading) => {
      if (this.#isUsedUp()) return true;
      this.steps += text.length;
      const read = withoutComments(text, reading);
      if (seen.has(read)) return false;
      seen.add(read);
      return this.#looksOurs(read, malformed);
    });
  }

  #looksOurs(text: string, malformed: boolean): boolean {
    return this.#beginsWith(text) || (malformed && (this.#isSqueezed(text) || this.#namesInFront(text)));
  }

  /** Whether a reader who takes the first word, whatever stands before it, finds us. */
  #beginsWith(text: string): boolean {
    return this.#whole.test(this.#comparable(WORD.exec(text)?.[0] ?? ''));
  }

  /** Whether a reader who takes white space and folds out of a name finds us. */
  #isSqueezed(text: string): boolean {
    const front = /^[\s;,]*([^=;]{0,4000})/.exec(text)?.[1] ?? '';
    this.steps += front.length;
    return this.#squeezed.test(this.#comparable(front.replace(/[\s\p{Z}\p{C}"\\]+/gu, '')));
  }

  /** Whether we stand as a word before the first statement. */
  #namesInFront(text: string): boolean {
    this.steps += text.length;
    const equals = text.search(/[^=\s]\s*=/);
    for (const [word] of text.slice(0, equals < 0 ? text.length : equals + 1).matchAll(WORDS)) {
      if (this.#isUsedUp() || this.#whole.test(this.#comparable(word))) return true;
    }
    return false;
  }

  /** As it can be compared; empty for what is no name. */
  #comparable(word: string): string {
    this.steps += Math.min(word.length, LONGEST_WORD);
    const small = bare(word);
    if (isAscii(small)) return small;
    // To fold is dear, so that its letters count more than once; it is the square of a run of accents.
    if (small.length > this.#longest) return small;
    this.steps += 8 * small.length;
    return folded(small);
  }
}

/** Whether a field that we write under this name can be told from others, so that a forged one is found. */
export function isRecognizable(authservId: string): boolean {
  return [false, true].every((utf8) => {
    const ours = OwnName.of(authservId);
    return ours?.isIn(formatAuthenticationResults(authservId, [], { utf8 })) === true;
  });
}

interface Cleaned {
  readonly header: HeaderBlock;
  /** How many fields were taken out. */
  readonly removed: number;
  /** Characters that were read for it, each as often as it was looked at. */
  readonly steps: number;
}

/**
 * The header without the Authentication-Results that claim to be of `authservId`; all other fields
 * as they came. An id without letters and digits removes nothing.
 */
export function removeForged(header: HeaderBlock, authservId: string): Cleaned {
  const ours = header.count(AUTHENTICATION_RESULTS) === 0 ? undefined : OwnName.of(authservId);
  if (!ours) return { header, removed: 0, steps: 0 };
  const name = AUTHENTICATION_RESULTS.toLowerCase();
  const kept = header.filter((field) => field.name.toLowerCase() !== name || !ours.isIn(field.raw));
  return { header: kept, removed: header.fields.length - kept.fields.length, steps: ours.steps };
}

/**
 * Lists of address patterns with the rules of qmail's qregex.
 *
 * Each line is a POSIX extended regular expression, looked for anywhere in the address without
 * regard to letter case. A leading `!` is no part of it: the line hits when the rest is not found.
 * Lines are tried in order and the first hit decides. Lines that begin with `#`, empty lines and
 * trailing blanks are dropped. A line that cannot be compiled never hits, negated or not; whoever
 * takes settings in refuses it before.
 *
 * Expressions run on RE2, in time linear in the address. An index over characters that a match must
 * hold leaves, of a thousand lines, the few that are worth a try.
 *
 * Callers: setting-value for single lines, hooks/internal/admin for lists.
 */
import { RE2JS } from 're2js';
import { messageOf } from '../core/errors.js';
import { createNeedleIndex, type NeedleIndex } from './needle-index.js';
import { type RegexFault, translatePosix } from './posix-regex.js';

/** Longest line, in characters. */
export const LONGEST_PATTERN = 500;

export interface AddressPattern {
  readonly status: 'ok';
  /** The line as it was written, without trailing blanks. */
  readonly text: string;
  readonly isNegated: boolean;
  readonly expression: RE2JS;
  /** Characters that an address must hold for the line to hit; empty when none are known. */
  readonly needle: string;
}

export type PatternReading =
  | AddressPattern
  /** A comment or nothing. */
  | { readonly status: 'empty' }
  /** `at` is the index of the character in the line. */
  | RegexFault;

export interface PatternList {
  /** Lines that can hit. */
  readonly size: number;
  /**
   * The first line that hits, as written. An address of several spellings is given with all of
   * them: what a line looks for is found when it is in one of them.
   */
  firstHit(spellings: readonly string[]): string | undefined;
}

const FLAGS = RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL;
const CONTROL = /\p{Cc}/u;

/** What RE2 says of expressions that are well-formed and beyond its bounds. */
const BEYOND_BOUNDS = /invalid repeat count|nests too deeply|too large/;

function compiled(text: string, source: string): RE2JS | RegexFault {
  try {
    return RE2JS.compile(source, FLAGS);
  } catch (error) {
    const message = messageOf(error);
    const what = BEYOND_BOUNDS.test(message) ? 'it is too large' : 'it cannot be translated';
    return { status: 'wrong', reason: `${what}: ${message}`, at: text.length - 1 };
  }
}

/** Reads one line. */
export function readPattern(line: string): PatternReading {
  const text = line.replace(/[ \t]+$/, '');
  if (text === '' || text.startsWith('#')) return { status: 'empty' };
  const characters = [...text];
  if (characters.length > LONGEST_PATTERN) {
    const reason = `it is longer than ${LONGEST_PATTERN} characters`;
    return { status: 'wrong', reason, at: LONGEST_PATTERN };
  }
  const control = characters.findIndex((character) => CONTROL.test(character));
  if (control >= 0) return { status: 'wrong', reason: 'it holds a control character', at: control };
  const isNegated = text.startsWith('!');
  const skipped = isNegated ? 1 : 0;
  const translation = translatePosix(characters.slice(skipped));
  if (translation.status === 'wrong') return { ...translation, at: translation.at + skipped };
  const expression = compiled(text, translation.source);
  if (!(expression instanceof RE2JS)) return expression;
  return { status: 'ok', text, isNegated, expression, needle: isNegated ? '' : translation.needle };
}

function hits({ expression, isNegated }: AddressPattern, spellings: readonly string[]): boolean {
  return spellings.some((spelling) => expression.test(spelling)) !== isNegated;
}

function listOf(readings: readonly PatternReading[]): PatternList {
  const patterns = readings.filter((reading) => reading.status === 'ok');
  const index: NeedleIndex = createNeedleIndex(patterns.map(({ needle }) => needle));
  return {
    size: patterns.length,
    firstHit(spellings) {
      for (const at of index.candidates(spellings)) {
        const pattern = patterns[at];
        if (pattern && hits(pattern, spellings)) return pattern.text;
      }
      return undefined;
    },
  };
}

/** What was compiled for a check, by the very list of lines; forgotten with it. */
const compiledLists = new WeakMap<readonly string[], PatternList>();

/** Keeps what reading the lines has come to: compiling thousands of them takes its time. */
export function keepCompiled(lines: readonly string[], readings: readonly PatternReading[]): void {
  compiledLists.set(lines, listOf(readings));
}

/** Compiles the lines of a list, once for all addresses, or gives what has been kept of them. */
export function compilePatterns(lines: readonly string[]): PatternList {
  return compiledLists.get(lines) ?? listOf(lines.map(readPattern));
}

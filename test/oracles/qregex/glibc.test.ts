/**
 * The address patterns against the `regcomp` of the C library, which qregex stands on.
 *
 * Thousands of generated expressions, each on generated addresses. Where both compile, they agree
 * on every address. What the C library refuses, we refuse. What we refuse beyond that is in the
 * list of reasons below, and nothing else is.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPattern } from '../../../src/settings/qregex.js';

const PROGRAM = fileURLToPath(new URL('regcomp.py', import.meta.url));

interface Question {
  readonly pattern: string;
  readonly texts: readonly string[];
}

type Found = readonly boolean[] | null;

function ask(questions: readonly Question[]): readonly Found[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n');
  const ran = spawnSync('python3', [PROGRAM], {
    input,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1 << 28,
  });
  if (ran.status !== 0) throw new Error(`regcomp.py failed: ${ran.stderr}`);
  return ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Found);
}

/** Reasons for which we refuse what the C library takes. */
const OURS_ALONE =
  /back-reference|has no meaning here|is not supported|repetitions|too large|end in a character class|begin with a character class/;

function ours({ pattern, texts }: Question): Found | string {
  const reading = readPattern(pattern);
  if (reading.status === 'empty') return 'nothing to compare';
  if (reading.status === 'wrong') return reading.reason;
  return texts.map((text) => reading.expression.test(text));
}

const ATOMS = [
  'a',
  'b',
  'x',
  'Z',
  '0',
  '9',
  '@',
  '.',
  '%',
  '-',
  '_',
  ' ',
  'é',
  '}',
  ']',
  '/',
  ',',
  ':',
  '=',
  '~',
];
const ESCAPES = [
  '\\.',
  '\\ ',
  '\\\\',
  '\\[',
  '\\*',
  '\\(',
  '\\)',
  '\\{',
  '\\}',
  '\\|',
  '\\^',
  '\\$',
  '\\@',
  '\\-',
];
const GNU = ['\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\1', '\\d', '\\<', '\\`', "\\'"];
/** Ranges are looked at in capitals, whatever they are written in. */
const RANGES = [
  '[a-Z]',
  '[Z-~]',
  '[z-~]',
  '[^z-~]',
  '[A-z]',
  '[!-~]',
  '[+-b]',
  '[^0-b]',
  '[[-a-]',
  '[^^-~]',
  '[%-a]',
];
const BRACKETS = [
  '[!%#:*^(){}]',
  '[^a-c]',
  '[]a]',
  '[^]a]',
  '[a-]',
  '[-a]',
  '[a\\]',
  '[\\.]',
  '[[:alpha:]]',
  '[^[:alpha:]]',
  '[[:digit:]x]',
  '[[:punct:][:space:]]',
  '[[:upper:]]',
  '[^[:lower:]]',
  '[[:xdigit:]_]',
  '[0-9a-f]',
  '[[:alnum:]._-]',
  '[[:nothing:]]',
  '[z-a]',
  '[',
  '[a',
  '[[=a=]]',
  '[[.-.]]',
  '[a-c-e]',
  '[%--]',
  '[+--]',
  '[--/]',
  '[^-]',
  '[_-z]',
  '[~-z]',
  '[b-A]',
  ...RANGES,
];
const SIGNS = [
  '*',
  '+',
  '?',
  '{2}',
  '{0,2}',
  '{1,}',
  '{,2}',
  '{,}',
  '{3,1}',
  '{',
  '{}',
  '{x}',
  '^',
  '$',
  '|',
  '(',
  ')',
];

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...ATOMS) },
  { weight: 2, arbitrary: fc.constantFrom(...ESCAPES) },
  { weight: 1, arbitrary: fc.constantFrom(...GNU) },
  { weight: 3, arbitrary: fc.constantFrom(...BRACKETS) },
  { weight: 6, arbitrary: fc.constantFrom(...SIGNS) },
);
/** Any order of pieces: many are malformed. */
const wild = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join(''));

/** Well-formed by construction, with groups and alternatives. */
const { tidy } = fc.letrec<{ tidy: string; branch: string; item: string }>((tie) => ({
  tidy: fc.oneof(
    { weight: 4, arbitrary: tie('branch') },
    { weight: 1, arbitrary: fc.tuple(tie('branch'), tie('branch')).map((two) => two.join('|')) },
  ),
  branch: fc.array(tie('item'), { maxLength: 5 }).map((items) => items.join('')),
  item: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...ATOMS, '\\.', '\\ '),
        fc.constantFrom(...BRACKETS.slice(0, 17), ...RANGES),
        tie('tidy').map((inner) => `(${inner})`),
      ),
      fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '**', '+?'),
    )
    .map((two) => two.join('')),
}));

/** Our classes hold ASCII, as in the locale that qmail runs in; here the library has another one. */
const NAMES_A_CLASS = /\[:|\\[wWbB]/;

const character = fc.constantFrom(...'aAabBbxXzZ009@@..%-_ !#:*^(){}]/,=~`éÉ\\'.split(''));
const address = fc.array(character, { maxLength: 14 }).map((all) => all.join(''));
const questions = (pattern: fc.Arbitrary<string>): fc.Arbitrary<Question> =>
  fc.record({ pattern, texts: fc.array(address, { minLength: 8, maxLength: 8 }) });

function isExplained(theirs: Found, own: Found | string): boolean {
  if (own === 'nothing to compare') return true;
  if (typeof own === 'string') return theirs === null || OURS_ALONE.test(own);
  return theirs !== null && JSON.stringify(theirs) === JSON.stringify(own);
}

function differences(arbitrary: fc.Arbitrary<string>, numRuns: number): readonly string[] {
  // A leading ! is ours to read; the expressions are compared without it.
  const plain = arbitrary.filter((pattern) => !pattern.startsWith('!') && pattern.trim() !== '');
  const asked = fc.sample(questions(plain), { numRuns, seed: 20260101 });
  const trimmed = asked.map(({ pattern, texts }) => ({
    pattern: pattern.replace(/[ \t]+$/, ''),
    texts: texts.map((text) => (NAMES_A_CLASS.test(pattern) ? text.replace(/[éÉ]/g, 'e') : text)),
  }));
  const answers = ask(trimmed);
  expect(answers).toHaveLength(trimmed.length);
  return trimmed.flatMap((question, i) => {
    const theirs = answers[i] ?? null;
    const own = ours(question);
    return isExplained(theirs, own)
      ? []
      : [
          `${question.pattern}  on ${JSON.stringify(question.texts)}: glibc ${JSON.stringify(theirs)}, ours ${JSON.stringify(own)}`,
        ];
  });
}

describe('address patterns and the C library', () => {
  it('agree on well-formed expressions', () => {
    expect(differences(tidy, 5000)).toEqual([]);
  });

  it('agree on what is malformed, and on the rest', () => {
    expect(differences(wild, 10_000)).toEqual([]);
  });

  it('agree on every pattern of the documentation', () => {
    const texts = [
      ['user @example.com', 'us er@example.com', 'user', 'user@localhost', 'foo@reject', 'foo@REJECT'],
      ['foo@reject.com', 'a@b@c.com', 'user@example.com', 'user%other.com@example.com', 'x!y@example.com'],
      ['u(1)@example.com', 'u:1@example.com', 'u+tag@example.com'],
    ].flat();
    const patterns = ['.*\\ @.*', '.*@.*\\..*', '.*%.*', '[!%#:*^(){}]', '@.*@', '@reject$'];
    const asked = patterns.map((pattern) => ({ pattern, texts }));
    expect(asked.map(ours)).toEqual(ask(asked));
  });
});

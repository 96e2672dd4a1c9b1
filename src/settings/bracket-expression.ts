/**
 * Bracket expressions of POSIX regular expressions, put as RE2 writes character classes.
 *
 * Inside brackets a backslash is an ordinary character, `]` counts first, `-` counts at either end,
 * and classes such as `[:alpha:]` hold their ASCII members, as in the C locale. Equivalence classes
 * and collating elements depend on a locale that there is not, so they are refused.
 *
 * Callers: posix-regex. What is malformed comes back as a fault; nothing here throws. One pass.
 */

/** What is wrong with an expression, as the end of a sentence, and where. */
export interface RegexFault {
  readonly status: 'wrong';
  readonly reason: string;
  /** Index of the character. */
  readonly at: number;
}

export interface Bracket {
  readonly status: 'ok';
  /** The class as RE2 writes it. */
  readonly source: string;
  /** Index behind the closing bracket. */
  readonly end: number;
}

/** Members of each class in ASCII, as ranges of RE2. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['blank', '\\x{9}\\x{20}'],
  ['cntrl', '\\x{0}-\\x{1f}\\x{7f}'],
  ['digit', '0-9'],
  ['graph', '\\x{21}-\\x{7e}'],
  // Letter case is ignored, so both are all letters.
  ['lower', 'A-Za-z'],
  ['upper', 'A-Za-z'],
  ['print', '\\x{20}-\\x{7e}'],
  ['punct', '\\x{21}-\\x{2f}\\x{3a}-\\x{40}\\x{5b}-\\x{60}\\x{7b}-\\x{7e}'],
  ['space', '\\x{9}-\\x{d}\\x{20}'],
  ['xdigit', '0-9A-Fa-f'],
]);

const LOCALE_FORMS: ReadonlyMap<string, string> = new Map([
  ['=', 'an equivalence class such as [=a=] is not supported'],
  ['.', 'a collating element such as [.-.] is not supported'],
]);

function wrong(reason: string, at: number): RegexFault {
  return { status: 'wrong', reason, at };
}

function written(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

function codeOf(character: string): string {
  return written(character.codePointAt(0) ?? 0);
}

/** The code of the capital letter, where there is one that is a single character. */
function placeOf(character: string): number {
  const capital = character.toUpperCase();
  return ([...capital].length === 1 ? capital : character).codePointAt(0) ?? 0;
}

const SMALL_A = 0x61;
const SMALL_Z = 0x7a;

/**
 * A range between capitals. Small letters inside it are left out: a text in capitals has none, and
 * RE2 would take each for its capital, which may be outside.
 */
function rangeBetween(first: number, last: number): string {
  if (last < SMALL_A || first > SMALL_Z) return `${written(first)}-${written(last)}`;
  // Neither end is a small letter, so both parts are there.
  return `${written(first)}-${written(SMALL_A - 1)}${written(SMALL_Z + 1)}-${written(last)}`;
}

/** One element at `at`: a character that may begin or end a range, or a whole class. */
type Element =
  | RegexFault
  | { readonly status: 'character' | 'class'; readonly text: string; readonly end: number };

function elementAt(text: readonly string[], at: number): Element {
  const character = text[at];
  const next = text[at + 1] ?? '';
  if (character === undefined) return wrong('the bracket is not closed', at - 1);
  if (character !== '[' || !':=.'.includes(next) || next === '') {
    return { status: 'character', text: character, end: at + 1 };
  }
  const refused = LOCALE_FORMS.get(next);
  if (refused !== undefined) return wrong(refused, at);
  const close = text.indexOf(':', at + 2);
  const name = text.slice(at + 2, Math.max(close, 0)).join('');
  const members = text[close + 1] === ']' ? CLASSES.get(name) : undefined;
  if (members !== undefined) return { status: 'class', text: members, end: close + 2 };
  return wrong(`there is no such character class; there are ${[...CLASSES.keys()].join(', ')}`, at);
}

/** `first-last`, where `first` has been read and its hyphen stands at `at`. */
function rangeAt(text: readonly string[], first: string, at: number): Element {
  const last = elementAt(text, at + 1);
  if (last.status === 'wrong') return last;
  if (last.status === 'class') return wrong('a range cannot end in a character class', at + 1);
  // Letter case is ignored by making everything capitals, and only then is the range looked at.
  const [from, to] = [placeOf(first), placeOf(last.text)];
  if (from > to) return wrong(`the range ${first}-${last.text} is upside down`, at - 1);
  return { status: 'class', text: rangeBetween(from, to), end: last.end };
}

/** An element, or the range that it begins. A hyphen is itself at the ends only. */
function memberAt(text: readonly string[], at: number, isFirst: boolean): Element {
  const element = elementAt(text, at);
  const isHyphen = element.status === 'character' && element.text === '-';
  if (isHyphen && !isFirst && text[at + 1] !== ']') {
    return wrong('a hyphen stands for itself at the start or the end of the brackets only', at);
  }
  if (element.status === 'wrong') return element;
  const begins = text[element.end] === '-' && text[element.end + 1] !== ']';
  if (!begins) {
    const source = element.status === 'class' ? element.text : codeOf(element.text);
    return { status: 'class', text: source, end: element.end };
  }
  if (element.status === 'class') return wrong('a range cannot begin with a character class', at);
  return rangeAt(text, element.text, element.end);
}

/** Reads the bracket expression whose `[` stands at `open` in the characters of `text`. */
export function readBracket(text: readonly string[], open: number): Bracket | RegexFault {
  const isComplement = text[open + 1] === '^';
  const start = open + (isComplement ? 2 : 1);
  let source = '';
  let at = start;
  while (text[at] !== ']' || at === start) {
    if (at >= text.length) return wrong('the bracket is not closed', open);
    const member = memberAt(text, at, at === start);
    if (member.status === 'wrong') return member;
    source += member.text;
    at = member.end;
  }
  return { status: 'ok', source: `[${isComplement ? '^' : ''}${source}]`, end: at + 1 };
}

/**
 * POSIX extended regular expressions, translated into the dialect of RE2.
 *
 * What is taken is what the `regcomp` of the GNU C library takes, with its `\w \W \s \S \b \B`;
 * beyond that, a backslash before a letter is refused rather than read as the letter alone, which
 * whoever writes `\d` does not mean. Back-references cannot be matched in linear time and are
 * refused. Letter case is ignored, `.` is any character, `^` and `$` are the ends of the text.
 *
 * Callers: qregex. Nothing here throws. One pass over the characters, with a stack for groups.
 */
import { readBracket, type RegexFault } from './bracket-expression.js';

export type { RegexFault };

export interface Translation {
  readonly status: 'ok';
  /** The expression for RE2, to be used without regard to letter case and with `.` for all. */
  readonly source: string;
  /**
   * Small ASCII letters, digits and signs, one after the other, that stand in every text that
   * matches; empty when none are known.
   */
  readonly needle: string;
}

/** RE2 allows no more, neither alone nor multiplied by those around it. */
const MOST_REPETITIONS = 1000;
/**
 * Characters, classes and the like, after RE2 has written each as often as it may come. All of them
 * are tried at each character of an address, so their number is what an expression costs.
 */
const MOST_WRITTEN_OUT = 1500;

/** Escapes of the GNU library that RE2 has under another name, or under the same. */
const GNU_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['w', '\\w'],
  ['W', '\\W'],
  ['s', '\\s'],
  ['S', '\\S'],
  ['b', '\\b'],
  ['B', '\\B'],
  ['`', '\\A'],
  ["'", '\\z'],
]);
/** Those of them that stand between characters; nothing can repeat them. */
const BETWEEN: ReadonlySet<string> = new Set(['b', 'B', '`', "'"]);

const INTERVAL = /^\{(\d{0,6})(,?)(\d{0,6})\}/;
const REPETITIONS: ReadonlyMap<string, number> = new Map([
  ['*', 0],
  ['?', 0],
  ['+', 1],
]);
const SPECIAL = /[^0-9A-Za-z]/;
const ASCII = /^[ -~]$/;

const TOO_LARGE = `it is too large: with all repetitions written out it has more than ${MOST_WRITTEN_OUT} characters and classes`;

/** How often something comes, as far as it has to be written out: `+` and `{2,}` end in a loop. */
interface Times {
  readonly least: number;
  readonly most: number;
}

function wrong(reason: string, at: number): RegexFault {
  return { status: 'wrong', reason, at };
}

/** Watches for the longest run of characters that every match must hold. */
class Needle {
  #run = '';
  #best = '';
  #isLost = false;

  add(character: string): void {
    if (ASCII.test(character)) this.#run += character.toLowerCase();
    else this.end();
  }

  /** The last character may be missing or come again. */
  repeated(least: number): void {
    if (least === 0) this.#run = this.#run.slice(0, -1);
    this.end();
  }

  end(): void {
    if (this.#run.length > this.#best.length) this.#best = this.#run;
    this.#run = '';
  }

  /** There are alternatives, so nothing must be there. */
  lose(): void {
    this.#isLost = true;
  }

  get text(): string {
    this.end();
    return this.#isLost ? '' : this.#best;
  }
}

/** A piece of the translation. */
interface Part {
  readonly source: string;
  /** How many characters and classes it is, written out. */
  readonly size: number;
}

function joined(parts: readonly Part[]): string {
  return parts.map(({ source }) => source).join('');
}

/** A group, or the whole expression, as far as it has been read. */
interface Level {
  readonly parts: Part[];
  /** Whether the last part may be repeated. */
  canRepeat: boolean;
  /** Index of its opening parenthesis. */
  readonly open: number;
}

class Translator {
  readonly #text: readonly string[];
  readonly #needle = new Needle();
  readonly #levels: Level[] = [{ parts: [], canRepeat: false, open: -1 }];
  #at = 0;
  /** Of everything that has been read, in all levels. */
  #size = 0;

  constructor(text: readonly string[]) {
    this.#text = text;
  }

  run(): Translation | RegexFault {
    while (this.#at < this.#text.length) {
      const fault = this.#step(this.#text[this.#at] ?? '');
      if (fault) return fault;
    }
    const { open, parts } = this.#level;
    if (this.#levels.length > 1) return wrong('the parenthesis is not closed', open);
    if (this.#size > MOST_WRITTEN_OUT) return wrong(TOO_LARGE, this.#at - 1);
    return { status: 'ok', source: joined(parts), needle: this.#needle.text };
  }

  get #level(): Level {
    return this.#levels.at(-1) as Level;
  }

  #step(character: string): RegexFault | undefined {
    switch (character) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#bracket();
      case '(':
        return this.#openGroup();
      case ')':
        return this.#closeGroup();
      case '|':
        return this.#alternative();
      case '^':
      case '$':
        return this.#assert(character, 1);
      case '.':
        return this.#atom('.', 1);
      case '*':
      case '+':
      case '?':
        return this.#repeat(character, { least: REPETITIONS.get(character) ?? 0, most: 1 }, 1);
      case '{':
        return this.#interval();
      default:
        return this.#literal(character, 1);
    }
  }

  /** Something that takes up characters; `width` is how many were read. */
  #atom(source: string, width: number): undefined {
    this.#needle.end();
    this.#put({ source, size: 1 });
    this.#at += width;
  }

  #put(part: Part): void {
    this.#level.parts.push(part);
    this.#level.canRepeat = true;
    this.#size += part.size;
  }

  #literal(character: string, width: number): undefined {
    const isSign = SPECIAL.test(character) && ASCII.test(character);
    this.#put({ source: isSign ? `\\${character}` : character, size: 1 });
    if (this.#levels.length === 1) this.#needle.add(character);
    this.#at += width;
  }

  /** A condition on a place. Repeated, it would mean nothing. */
  #assert(source: string, width: number): undefined {
    this.#atom(source, width);
    this.#level.canRepeat = false;
  }

  #alternative(): undefined {
    if (this.#levels.length === 1) this.#needle.lose();
    this.#assert('|', 1);
  }

  #openGroup(): undefined {
    this.#needle.end();
    this.#levels.push({ parts: [], canRepeat: false, open: this.#at });
    this.#at += 1;
  }

  /** A parenthesis that closes nothing is an ordinary character. */
  #closeGroup(): undefined {
    if (this.#levels.length === 1) return this.#literal(')', 1);
    const { parts } = this.#level;
    this.#levels.pop();
    const inside = parts.reduce((sum, part) => sum + part.size, 0);
    this.#size -= inside;
    this.#needle.end();
    // Also nothing at all costs something when it is repeated.
    this.#put({ source: `(?:${joined(parts)})`, size: Math.max(inside, 1) });
    this.#at += 1;
    return undefined;
  }

  #bracket(): RegexFault | undefined {
    const bracket = readBracket(this.#text, this.#at);
    if (bracket.status === 'wrong') return bracket;
    return this.#atom(bracket.source, bracket.end - this.#at);
  }

  #repeat(operator: string, { least, most }: Times, width: number): RegexFault | undefined {
    const level = this.#level;
    const last = level.canRepeat ? level.parts.pop() : undefined;
    if (last === undefined) return wrong(`there is nothing before ${operator} to repeat`, this.#at);
    this.#size -= last.size;
    // In parentheses: behind another repetition RE2 would read the sign in its own way.
    this.#put({ source: `(?:${last.source}${operator})`, size: last.size * Math.max(most, 1) });
    if (this.#size > MOST_WRITTEN_OUT) return wrong(TOO_LARGE, this.#at);
    if (this.#levels.length === 1) this.#needle.repeated(least);
    this.#at += width;
    return undefined;
  }

  #interval(): RegexFault | undefined {
    const [whole, least = '', comma, most = ''] = INTERVAL.exec(this.#text.slice(this.#at).join('')) ?? [];
    const isEmpty = least === '' && comma === '';
    if (whole === undefined || isEmpty || (comma === '' && most !== '')) {
      return wrong('the braces hold no interval such as {2,5}; a brace itself is written \\{', this.#at);
    }
    const [from, to] = [Number(least), most === '' ? Number(least) : Number(most)];
    if (to < from) return wrong(`the interval ${whole} is upside down`, this.#at);
    if (to > MOST_REPETITIONS) {
      return wrong(`the interval ${whole} asks for more than ${MOST_REPETITIONS} repetitions`, this.#at);
    }
    return this.#repeat(`{${from}${comma}${most}}`, { least: from, most: to }, whole.length);
  }

  #escape(): RegexFault | undefined {
    const next = this.#text[this.#at + 1];
    if (next === undefined) return wrong('it ends in a backslash', this.#at);
    const gnu = GNU_ESCAPES.get(next);
    if (gnu !== undefined) return BETWEEN.has(next) ? this.#assert(gnu, 2) : this.#atom(gnu, 2);
    if (/[1-9]/.test(next)) {
      return wrong('a back-reference cannot be matched in linear time and is not supported', this.#at);
    }
    if (next === '<' || next === '>')
      return wrong(`\\${next} is not supported; the edge of a word is \\b`, this.#at);
    if (/[0-9A-Za-z]/.test(next)) {
      return wrong(`\\${next} has no meaning here; a digit is [0-9], a letter [[:alpha:]]`, this.#at);
    }
    return this.#literal(next, 2);
  }
}

/** Translates the characters of one expression. */
export function translatePosix(text: readonly string[]): Translation | RegexFault {
  return new Translator(text).run();
}

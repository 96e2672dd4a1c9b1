/**
 * Who wrote a message, as its From fields say (RFC 5322 §3.6.2).
 *
 * The only reader of From: the same domain is checked by DMARC and chooses the key for a signature.
 * An address that programs read in different ways has no domain here but a fault, above all one
 * with white space or a comment inside its domain, which RFC 5322 §4.4 allows and many cut there.
 * What is no address at all, as in `Doe, Ann <ann@example.org>`, is passed over.
 *
 * Callers: message-signatures.ts, hooks/methods, engine. Linear, bounded; never throws.
 */
import { comparableDomain, isAscii, isDomain, parseAddressLiteral } from '../../smtp/domain.js';

export interface Author {
  /** Mailboxes of all From fields, their domains in A-labels and small letters. */
  readonly addresses: readonly string[];
  /** How many From fields there are. */
  readonly fields: number;
  /** Why it cannot be told who the author is; absent when it can, as far as this goes. */
  readonly fault?: string;
}

/** Characters of the From fields together: more than a hundred mailboxes. */
const LONGEST_FROM = 8192;

export function readAuthor(header: { getAll(name: string): readonly string[] }): Author {
  const values = header.getAll('from');
  const fields = values.length;
  const addresses: string[] = [];
  try {
    if (values.reduce((sum, { length }) => sum + length, 0) > LONGEST_FROM) {
      throw new Fault('the From field is too long');
    }
    for (const value of values) addresses.push(...addressesOf(value));
    return { addresses, fields };
  } catch (error) {
    if (error instanceof Fault) return { addresses, fields, fault: error.message };
    throw error;
  }
}

/** The one domain of the one From field, in A-labels; undefined where it cannot be told. */
export function authorDomain(header: { getAll(name: string): readonly string[] }): string | undefined {
  const { addresses, fields, fault } = readAuthor(header);
  if (fields !== 1 || fault !== undefined) return undefined;
  const [first, ...others] = addresses.map((address) => address.slice(address.lastIndexOf('@') + 1));
  return others.every((other) => other === first) ? first : undefined;
}

/** Ends the reading of a field that can be read in more than one way. */
class Fault extends Error {}

const RUN_TOGETHER = 'addresses in From are not told apart';

const SPACE = /[ \t\r\n]+/y;
/** RFC 5322 §3.2.4 quoted-string, §3.4.1 domain-literal, and a run of other characters with their dots. */
const WORD = /"(?:[^"\\]|\\[^])*"|\[[^[\]\\]*\]|[^ \t\r\n()<>,;:@"]+/y;

/** Words and the marks between them; white space and comments only part them. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    SPACE.lastIndex = at;
    WORD.lastIndex = at;
    const mark = text.charAt(at);
    if (SPACE.test(text)) at = SPACE.lastIndex;
    else if (mark === '(') at = endOfComment(text, at);
    else if (WORD.test(text)) {
      tokens.push(text.slice(at, WORD.lastIndex));
      at = WORD.lastIndex;
    } else {
      if (mark === '"' || mark === ')')
        throw new Fault('a quotation or comment in From has no end or no beginning');
      tokens.push(mark);
      at += 1;
    }
  }
  return tokens;
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const mark = text[at];
    if (mark === '\\') at += 1;
    else if (mark === '(') depth += 1;
    else if (mark === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  throw new Fault('a comment in From has no end');
}

/** The mailboxes of one field, token by token. */
class Mailboxes {
  readonly found: string[] = [];
  /** Words of a name, or an address without angle brackets. */
  #words: string[] = [];
  #inBrackets: string[] | undefined;
  #isOpen = false;

  take(token: string): void {
    if (this.#isOpen) this.#takeInBrackets(token);
    else if (token === ',' || token === ';') this.#end();
    else if (this.#inBrackets) this.#takeBehind(token);
    else if (token === '<') {
      this.#inBrackets = [];
      this.#isOpen = true;
    } else if (token === ':' && !this.#words.includes('@')) {
      // That was the name of a group.
      this.#words = [];
    } else if (token === ':' || token === '>') throw new Fault(RUN_TOGETHER);
    else this.#words.push(token);
  }

  #takeInBrackets(token: string): void {
    if (token === '<' || token === ',') throw new Fault('an address in From has no end');
    if (token === '>') this.#isOpen = false;
    else this.#inBrackets?.push(token);
  }

  #takeBehind(token: string): void {
    if ('<>:@'.includes(token)) throw new Fault(RUN_TOGETHER);
  }

  #end(): void {
    if (this.#inBrackets || this.#words.includes('@')) {
      this.found.push(addressOf(this.#inBrackets ?? this.#words));
    }
    this.#words = [];
    this.#inBrackets = undefined;
  }
}

function addressesOf(value: string): readonly string[] {
  const mailboxes = new Mailboxes();
  for (const token of tokensOf(value)) mailboxes.take(token);
  mailboxes.take(',');
  return mailboxes.found;
}

function addressOf(tokens: readonly string[]): string {
  const at = tokens.indexOf('@');
  const [domain, ...more] = tokens.slice(at + 1);
  if (at <= 0 || domain === undefined) throw new Fault('an address in From has no domain or no local part');
  if (more.includes('@')) throw new Fault('an address in From has two at signs');
  if (more.length > 0) throw new Fault('a domain in From has white space or a comment in it');
  return `${tokens.slice(0, at).join('')}@${comparable(domain)}`;
}

function comparable(domain: string): string {
  const name = domain.endsWith('.') ? domain.slice(0, -1) : domain;
  const compared = comparableDomain(name);
  const isRight = isDomain(name, true) ? isAscii(compared) : parseAddressLiteral(domain) !== undefined;
  if (!isRight) throw new Fault('an address in From has no valid domain');
  return compared;
}

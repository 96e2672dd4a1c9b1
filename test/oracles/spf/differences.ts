/**
 * Where the two other implementations answer otherwise than Postern, and why.
 *
 * Each difference must be covered by a row, and each row must cover one: what is no longer there
 * is no longer told. A row speaks about one cause, seen in what was asked and in what was said.
 */
import type { GeneratedCase } from './cases.js';
import type { OracleAnswer } from './line-oracle.js';

export interface Answer {
  readonly result: string;
  /** The owner's text of a fail, `DEFAULT` where there is none. */
  readonly explanation: string;
}

export interface Difference {
  readonly of: GeneratedCase;
  readonly oracle: 'pyspf' | 'Mail::SPF';
  readonly ours: Answer;
  readonly theirs: OracleAnswer;
}

export interface Reason {
  readonly title: string;
  readonly section: string;
  readonly right: 'Postern' | 'either';
  readonly covers: (difference: Difference) => boolean;
}

const has = ({ of }: Difference, pattern: RegExp): boolean => of.texts.some((text) => pattern.test(text));
const isIpv4 = ({ of }: Difference): boolean => !of.ip.includes(':') || of.ip.startsWith('::ffff:');
const isBothFail = ({ ours, theirs }: Difference): boolean =>
  ours.result === 'fail' && theirs.result === 'fail';

const OF_PYSPF: readonly Reason[] = [
  {
    title: 'pyspf takes the first @ of an address for the one before the domain, also inside quotes',
    section: 'RFC 5321 §4.1.2',
    right: 'Postern',
    covers: ({ of, theirs }) => of.from.startsWith('"x@y"@') && theirs.result === 'none',
  },
  {
    title: 'pyspf refuses an mx with more than ten hosts before it has looked at any',
    section: 'RFC 7208 §4.6.4',
    right: 'either',
    covers: ({ theirs, ours }) => theirs.detail.startsWith('More than 10 MX') && ours.result !== 'permerror',
  },
  {
    title: 'pyspf writes the digits of IPv6 addresses in capitals, where the examples have small ones',
    section: 'RFC 7208 §7.4',
    right: 'Postern',
    covers: (it) =>
      isBothFail(it) &&
      !isIpv4(it) &&
      it.ours.explanation === it.theirs.explanation.replace(/[A-F](?=\.)/g, small),
  },
  {
    title: 'pyspf lets zero parts, letters that are no transformers, and macros without an end pass',
    section: 'RFC 7208 §7.1',
    right: 'Postern',
    covers: (it) => it.ours.result === 'permerror' && has(it, /%\{d(?:0\}|2x\}|\.test)/),
  },
  {
    title: 'pyspf falls over a name of more than 253 characters instead of shortening it',
    section: 'RFC 7208 §7.3',
    right: 'Postern',
    covers: ({ theirs }) => theirs.result === 'exception' && theirs.detail.startsWith('NameTooLong'),
  },
  {
    title: 'pyspf ends a record that includes itself, even where an earlier term decides',
    section: 'RFC 7208 §5.2',
    right: 'Postern',
    covers: ({ theirs }) => theirs.detail.startsWith('include has trivial recursion'),
  },
  {
    title: 'pyspf forbids the letters of explanations in modifiers that it does not know, and must ignore',
    section: 'RFC 7208 §6',
    right: 'Postern',
    covers: (it) => it.theirs.detail.startsWith('c,r,t macros allowed') && has(it, /a=b=%\{c\}/),
  },
  {
    title: 'pyspf refuses a domain that ends with an escaped percent sign, which the grammar has',
    section: 'RFC 7208 §7.1',
    right: 'Postern',
    covers: ({ theirs }) => theirs.detail === 'invalid-macro-char : %{d}%%',
  },
  {
    title: 'pyspf keeps the case of the domain under check, which is asked for in small letters here',
    section: 'RFC 7208 §4.1',
    right: 'either',
    covers: (it) =>
      isBothFail(it) &&
      it.of.from.endsWith('.GEN.TEST') &&
      it.ours.explanation.toLowerCase() === it.theirs.explanation.toLowerCase(),
  },
  {
    title: 'pyspf has no explanation when the reverse name in it cannot be asked; then it is "unknown"',
    section: 'RFC 7208 §7.3',
    right: 'Postern',
    covers: (it) => isBothFail(it) && it.of.ip === '192.0.2.3' && it.ours.explanation === 'p is unknown',
  },
];

const OF_MAIL_SPF: readonly Reason[] = [
  {
    title: 'Mail::SPF looks at the first ten hosts of an mx and passes over the others in silence',
    section: 'RFC 7208 §4.6.4',
    right: 'Postern',
    covers: (it) => it.ours.result === 'permerror' && has(it, /mx:m11\.mx\.test/),
  },
  {
    title: 'Mail::SPF matches IPv4 clients with ip6 networks',
    section: 'RFC 7208 §5.6',
    right: 'Postern',
    covers: (it) => isIpv4(it) && has(it, /ip6:(?:::\/0|::ffff:192\.0\.2\.1)/i),
  },
  {
    title: 'Mail::SPF knows the transformer r in small letters only',
    section: 'RFC 5234 §2.3',
    right: 'Postern',
    covers: (it) => it.theirs.result === 'permerror' && has(it, /%\{[a-z]\d*R/i),
  },
  {
    title: 'Mail::SPF falls over a name with an empty label, which matches nothing',
    section: 'RFC 7208 §4.8',
    right: 'Postern',
    covers: ({ theirs }) => theirs.result === 'exception' && theirs.detail.includes('empty label'),
  },
  {
    title: 'Mail::SPF reads a circle of aliases as the absence of addresses; here it is a fault of DNS',
    section: 'RFC 7208 §5',
    right: 'either',
    covers: (it) => it.ours.result === 'temperror' && has(it, /a:loop1\.hosts\.test/),
  },
  {
    title: 'Mail::SPF counts no lookup as void that has found an alias, even an alias of nothing',
    section: 'RFC 7208 §4.6.4',
    right: 'Postern',
    covers: (it) => it.ours.result === 'permerror' && has(it, /(?:broken|alias)\.hosts\.test/),
  },
  {
    title: 'Mail::SPF finds a wrong macro only when it comes to expand it',
    section: 'RFC 7208 §4.6',
    right: 'Postern',
    covers: (it) => it.ours.result === 'permerror' && has(it, /:%\{(?:c|x|d0)\}/),
  },
  {
    title: 'Mail::SPF reads no macros in modifiers that it does not know',
    section: 'RFC 7208 §4.6.1',
    right: 'Postern',
    covers: (it) => it.ours.result === 'permerror' && has(it, /x=%\{y\}/),
  },
  {
    title: 'Mail::SPF has no local part for the HELO identity, where postmaster stands in',
    section: 'RFC 7208 §4.3',
    right: 'Postern',
    covers: (it) => isBothFail(it) && it.of.from === '' && it.ours.explanation.includes('postmaster'),
  },
  {
    title:
      'Mail::SPF gives an explanation that is empty, or outside ASCII, or no macro-string, where none counts',
    section: 'RFC 7208 §6.2',
    right: 'Postern',
    covers: (it) => isBothFail(it) && it.ours.explanation === 'DEFAULT' && has(it, /^(?:|caf.|bad %)$/u),
  },
];

const OF_BOTH: readonly Reason[] = [
  {
    title: 'Both keep the final dot of an EHLO name, which makes an empty label of it; here it goes',
    section: 'RFC 7208 §7.3',
    right: 'either',
    covers: (it) => it.of.helo === 'x.' && has(it, /%\{h/i),
  },
  {
    title:
      'Both end with a temporary error when the reverse name of the client cannot be asked; then ptr does not match',
    section: 'RFC 7208 §5.5',
    right: 'Postern',
    covers: (it) => it.of.ip === '192.0.2.3' && it.theirs.result === 'temperror' && has(it, /ptr|%\{p/),
  },
  {
    title: 'Both count each empty answer about a host of an mx or a ptr; here the term counts',
    section: 'RFC 7208 §4.6.4',
    right: 'either',
    covers: (it) => /void/i.test(it.theirs.detail) && has(it, /mx|ptr|%\{p/),
  },
  {
    title: 'Both count a redirect that an all keeps from being followed',
    section: 'RFC 7208 §6.1',
    right: 'Postern',
    covers: (it) =>
      /Too many DNS lookups|DNS-interactive terms/.test(it.theirs.detail) &&
      has(it, /redirect=/) &&
      has(it, /all(?: |$)/),
  },
];

function small(letter: string): string {
  return letter.toLowerCase();
}

/** The rows that may explain what one of them says. */
export function reasonsFor(oracle: Difference['oracle']): readonly Reason[] {
  return [...(oracle === 'pyspf' ? OF_PYSPF : OF_MAIL_SPF), ...OF_BOTH];
}

export const REASONS: readonly Reason[] = [...OF_PYSPF, ...OF_MAIL_SPF, ...OF_BOTH];

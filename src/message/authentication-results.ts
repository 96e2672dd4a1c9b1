/**
 * The field that tells readers what the checks found (RFC 8601 §2.2; RFC 8616 §3 for other scripts).
 *
 * Values come from clients and from DNS. Each is written as a token, an address or a quoted string,
 * whichever holds it, and nothing in one can end the value, the statement or the field: controls
 * become `?`, and so does whatever is not ASCII unless the message has SMTPUTF8; then it stands in
 * UTF-8. Names outside ASCII become A-labels without it.
 *
 * Bounds: a reason is cut at 200 characters; a value longer than 700 octets is left out, since a
 * cut address is another address; at most 16 properties for a result; statements beyond 16 KiB are
 * left out, those of signatures before all others. What has no valid name is left out too.
 *
 * Callers: engine. Never throws.
 */
import { domainToASCII } from 'node:url';
import { formatHeaderField } from './header-field.js';

export interface AuthProperty {
  /** Where in the message the value stands. */
  readonly ptype: 'smtp' | 'header' | 'body' | 'policy';
  /** Such as `mailfrom`, `d` or `from`. */
  readonly property: string;
  readonly value: string;
}

/** One statement: what a method found, and about what. */
export interface AuthResult {
  readonly method: 'spf' | 'dkim' | 'dmarc' | 'arc' | 'iprev' | 'auth';
  /** A word of the method's own vocabulary (RFC 8601 §2.7), such as `pass`. */
  readonly result: string;
  readonly reason?: string;
  readonly properties: readonly AuthProperty[];
}

export const AUTHENTICATION_RESULTS = 'Authentication-Results';

const LONGEST_FIELD = 16 * 1024;
const LONGEST_ID = 255;
const LONGEST_REASON = 200;
const LONGEST_VALUE = 700;
const MOST_PROPERTIES = 16;

/** RFC 5321 §4.1.2: names and results are keywords, which end in a letter or digit. */
const KEYWORD = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** RFC 2045 §5.1. */
const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;
/** RFC 8601 §2.2 pvalue: an address of RFC 5322 §3.4.1, or an at sign and a name, or the name alone. */
const ADDRESS: RegExp = pvalue('');
/** The same with RFC 6532 §3.2. */
const ADDRESS_UTF8: RegExp = pvalue('[^\\p{ASCII}\\p{C}\\p{Z}]|');

function pvalue(others: string): RegExp {
  const atom = `(?:${others}[A-Za-z0-9!#$%&'*+/=?^_\`{|}~\\-])+`;
  const quotedLocal = `"(?:${others}[ !#-\\[\\]-~]|\\\\[ -~])*"`;
  const label = `(?:${others}[A-Za-z0-9_\\-])+`;
  return new RegExp(`^(?:(?:${atom}(?:\\.${atom})*|${quotedLocal})?@)?${label}(?:\\.${label})*$`, 'u');
}

/** Controls, formats, separators other than the space, and halves of characters. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The text with nothing in it that a header may not have. */
function harmless(text: string, utf8: boolean): string {
  const printable = text.replace(UNPRINTABLE, '?');
  return utf8 ? printable : printable.replace(/[^\p{ASCII}]/gu, '?');
}

/** RFC 5322 §3.2.4. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** The part after the last at sign as A-labels, where IDNA knows it; whatever else stays. */
function withAsciiDomain(value: string): string {
  const at = value.lastIndexOf('@') + 1;
  const domain = value.slice(at);
  if (/^[\p{ASCII}]*$/u.test(domain)) return value;
  return value.slice(0, at) + (domainToASCII(domain) || domain);
}

function valueOf(text: string, utf8: boolean): string | undefined {
  // Before any work: nobody needs a megabyte as a name.
  if (text.length > LONGEST_VALUE) return undefined;
  const value = harmless(utf8 ? text : withAsciiDomain(text), utf8);
  const address = utf8 ? ADDRESS_UTF8 : ADDRESS;
  const written = TOKEN.test(value) || address.test(value) ? value : quoted(value);
  return Buffer.byteLength(written) <= LONGEST_VALUE ? written : undefined;
}

function reasonOf(reason: string, utf8: boolean): string {
  // Whole characters, so that no half of one is left at the cut.
  const text = [...reason.slice(0, 2 * LONGEST_REASON)];
  const cut =
    text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON - 3).join('')}...` : text.join('');
  return ` reason=${quoted(harmless(cut, utf8))}`;
}

function statementOf(result: AuthResult, utf8: boolean): string | undefined {
  if (!KEYWORD.test(result.result)) return undefined;
  let text = `${result.method}=${result.result}`;
  if (result.reason !== undefined && result.reason !== '') text += reasonOf(result.reason, utf8);
  for (const { ptype, property, value } of result.properties.slice(0, MOST_PROPERTIES)) {
    const written = KEYWORD.test(property) ? valueOf(value, utf8) : undefined;
    if (written !== undefined) text += ` ${ptype}.${property}=${written}`;
  }
  return text;
}

/**
 * The statements that have room, in their order. Signatures come in any number and with any names, so
 * they have the room that the others leave: none of them may push out what DMARC says.
 */
function fitting(results: readonly AuthResult[], longest: number, utf8: boolean): readonly string[] {
  const statements = results.map((result) => statementOf(result, utf8));
  const kept = new Set<number>();
  let room = longest;
  for (const wantsSignatures of [false, true]) {
    for (const [at, { method }] of results.entries()) {
      if ((method === 'dkim') !== wantsSignatures) continue;
      const length = 2 + (statements[at]?.length ?? Number.POSITIVE_INFINITY);
      if (length > room) continue;
      room -= length;
      kept.add(at);
    }
  }
  return statements.filter((statement, at): statement is string => statement !== undefined && kept.has(at));
}

function idOf(authservId: string, utf8: boolean): string {
  const id = harmless(utf8 ? authservId : withAsciiDomain(authservId), utf8).slice(0, LONGEST_ID);
  return TOKEN.test(id) ? id : quoted(id);
}

/**
 * The whole field, folded, with its CRLF. No results make `none`, which says that nothing was
 * checked. `utf8`: the message was sent with SMTPUTF8.
 */
export function formatAuthenticationResults(
  authservId: string,
  results: readonly AuthResult[],
  { utf8 = false }: { readonly utf8?: boolean } = {},
): Buffer {
  let value = idOf(authservId, utf8);
  const front = value.length;
  for (const statement of fitting(results, LONGEST_FIELD - front, utf8)) value += `; ${statement}`;
  if (value.length === front) value += '; none';
  return formatHeaderField(AUTHENTICATION_RESULTS, value, { utf8 });
}

/**
 * Arguments of XCLIENT and XFORWARD: what a trusted relay tells about the client behind it.
 *
 * Read to the letter: an attribute that is not in the list, given twice or with a wrong value is
 * `bad` (501), and nothing of the command counts. Values are xtext (RFC 3461 §4) of printable
 * UTF-8 and at most XCLIENT_VALUE_OCTETS long; addresses come out in the spelling of
 * peer-address.ts. An attribute that is absent stays as it was; the relay says so when it does
 * not know one.
 *
 * Callers: engine/stages, for trusted networks only. The commands are those of Postfix
 * (XCLIENT_README, XFORWARD_README). Nothing here throws.
 */
import { isUtf8 } from 'node:buffer';
import { isDomain } from './domain.js';
import { readPeerAddress, readPort } from './peer-address.js';
import { decodeXtext } from './xtext.js';

/** What the relay tells of one attribute; `failed` is a look-up that may succeed later. */
export type Told<T> =
  | { readonly status: 'known'; readonly value: T }
  | { readonly status: 'unavailable' }
  | { readonly status: 'failed' };

export interface XclientAttributes {
  /** Host name of the client. The only attribute that may be `failed`. */
  readonly name?: Told<string>;
  readonly addr?: Told<string>;
  readonly port?: Told<number>;
  readonly proto?: Told<'SMTP' | 'ESMTP'>;
  readonly helo?: Told<string>;
  /** Name under which the client has authenticated. */
  readonly login?: Told<string>;
  readonly destaddr?: Told<string>;
  readonly destport?: Told<number>;
}

export interface XforwardAttributes {
  /** May be no name of DNS. */
  readonly name?: Told<string>;
  /** May be no IP address. */
  readonly addr?: Told<string>;
  readonly port?: Told<number>;
  /** May be another protocol than SMTP; at most 64 characters. */
  readonly proto?: Told<string>;
  readonly helo?: Told<string>;
  /** Id of the message at the relay. */
  readonly ident?: Told<string>;
  readonly source?: Told<'LOCAL' | 'REMOTE'>;
}

export type XclientResult<T> =
  | { readonly status: 'ok'; readonly attributes: T }
  | { readonly status: 'bad'; readonly attribute: string; readonly reason: string };

/** Longest value before its encoding. */
export const XCLIENT_VALUE_OCTETS = 255;
const PROTOCOL_OCTETS = 64;

/** The value, or `undefined` when it is wrong. */
type Reader<T> = (text: string) => T | undefined;

interface Row<T> {
  readonly read: Reader<T>;
  /** What is wanted, as the end of `takes ...`. */
  readonly takes: string;
  /** Whether a look-up may have failed for now. */
  readonly mayFail?: true;
}

type ValueOf<A> = A extends Told<infer T> ? T : never;
/** One row for each attribute, so that the lists and the types cannot drift apart. */
type Rows<A> = { readonly [K in keyof A]-?: Row<ValueOf<NonNullable<A[K]>>> };

/** No space and nothing that cannot be printed. */
const WORD = /^[^\p{C}\p{Z}]+$/u;
/** The same with spaces inside: names of people and accounts have them. */
const WORDS = /^[^\p{C}\p{Z}]+(?: [^\p{C}\p{Z}]+)*$/u;
/** Characters with a meaning in header fields; the relay passes on what strangers wrote. */
const SPECIAL = /[<>()\\";@]/g;

const word: Reader<string> = (text) => (WORD.test(text) ? text : undefined);
const harmlessWord: Reader<string> = (text) => word(text)?.replace(SPECIAL, '?');

const ADDRESS: Row<string> = {
  takes: 'an IPv4 address, or IPV6: and an IPv6 address',
  read(text) {
    const prefixed = /^IPV6:/i.test(text);
    const plain = prefixed ? text.slice(5) : text;
    return plain.includes(':') === prefixed ? readPeerAddress(plain)?.address : undefined;
  },
};

const PORT: Row<number> = { takes: 'a port number', read: readPort };

function choice<T extends string>(...choices: readonly T[]): Row<T> {
  const read: Reader<T> = (text) => choices.find((each) => each === text.toUpperCase());
  return { takes: choices.join(' or '), read };
}

const XCLIENT: Rows<XclientAttributes> = {
  name: { takes: 'a host name', read: (text) => (isDomain(text) ? text : undefined), mayFail: true },
  addr: ADDRESS,
  port: PORT,
  proto: choice('SMTP', 'ESMTP'),
  helo: { takes: 'a printable name', read: word },
  login: { takes: 'a printable name', read: (text) => (WORDS.test(text) ? text : undefined) },
  destaddr: ADDRESS,
  destport: PORT,
};

const XFORWARD: Rows<XforwardAttributes> = {
  name: { takes: 'a printable name', read: harmlessWord },
  addr: { takes: 'a printable address', read: (text) => ADDRESS.read(text) ?? harmlessWord(text) },
  port: PORT,
  proto: {
    takes: 'the name of a protocol',
    read: (text) => (text.length <= PROTOCOL_OCTETS ? harmlessWord(text) : undefined),
  },
  helo: { takes: 'a printable name', read: harmlessWord },
  ident: { takes: 'a printable id', read: harmlessWord },
  source: choice('LOCAL', 'REMOTE'),
};

/** What EHLO lists after the keyword. */
export const XCLIENT_ATTRIBUTES: readonly string[] = Object.keys(XCLIENT).map((name) => name.toUpperCase());
export const XFORWARD_ATTRIBUTES: readonly string[] = Object.keys(XFORWARD).map((name) => name.toUpperCase());

/** The octets of an xtext value as text; `undefined` when they are none, or too many. */
function decode(value: string): string | undefined {
  if (value.length > 3 * XCLIENT_VALUE_OCTETS) return undefined;
  const decoded = decodeXtext(value);
  if (decoded === undefined || decoded.length > XCLIENT_VALUE_OCTETS) return undefined;
  const octets = Buffer.from(decoded, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : undefined;
}

function readValue<T>(row: Row<T>, encoded: string): Told<T> | string {
  const text = decode(encoded);
  if (text === undefined) return `takes xtext of at most ${XCLIENT_VALUE_OCTETS} octets`;
  const mark = text.toUpperCase();
  if (mark === '[UNAVAILABLE]') return { status: 'unavailable' };
  if (mark === '[TEMPUNAVAIL]' && row.mayFail) return { status: 'failed' };
  const value = row.read(text);
  return value === undefined ? `takes ${row.takes}` : { status: 'known', value };
}

function parse<A extends object>(text: string, rows: Rows<A>): XclientResult<A> {
  const attributes: Record<string, Told<unknown>> = {};
  const bad = (attribute: string, reason: string): XclientResult<A> => ({ status: 'bad', attribute, reason });
  for (const part of text.split(' ')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).toLowerCase();
    if (!Object.hasOwn(rows, name)) return bad('attribute', 'is not known, or has no value');
    if (Object.hasOwn(attributes, name)) return bad(name.toUpperCase(), 'is given twice');
    const row: Row<unknown> = rows[name as keyof A];
    const told = readValue(row, part.slice(equals + 1));
    if (typeof told === 'string') return bad(name.toUpperCase(), told);
    attributes[name] = told;
  }
  if (Object.keys(attributes).length === 0) return bad('attribute', 'is missing');
  // Each entry was read by the row of its name, which has the type that A has under that name.
  return { status: 'ok', attributes: attributes as A };
}

/** Reads what follows `XCLIENT `. */
export function parseXclient(text: string): XclientResult<XclientAttributes> {
  return parse<XclientAttributes>(text, XCLIENT);
}

/** Reads what follows `XFORWARD `. */
export function parseXforward(text: string): XclientResult<XforwardAttributes> {
  return parse<XforwardAttributes>(text, XFORWARD);
}

/**
 * Parameters of MAIL and RCPT: SIZE (RFC 1870 §3), BODY (RFC 6152 §2), SMTPUTF8 (RFC 6531 §3.4),
 * AUTH (RFC 4954 §5), RET and ENVID (RFC 3461 §4.3, §4.4), NOTIFY and ORCPT (RFC 3461 §4.1, §4.2).
 *
 * Read, checked and kept for the queue. A keyword that nobody knows is `unknown` (555, see
 * RFC 5321 §4.1.1.11), a known one with a wrong value is `bad` (501), and one given twice as well.
 *
 * Callers: engine/stages/{mail,rcpt} with the text after the path. Nothing throws.
 */
import { ENVID_OCTETS, ORCPT_OCTETS, SIZE_DIGITS } from './limits.js';

export interface MailParameters {
  /** Declared size in octets; undefined when none was declared. */
  readonly size?: number;
  readonly body?: '7BIT' | '8BITMIME' | 'BINARYMIME';
  readonly smtpUtf8?: true;
  /** Decoded value of AUTH=; `<>` becomes the empty text. */
  readonly auth?: string;
  readonly ret?: 'FULL' | 'HDRS';
  /** As given, still in xtext: it is passed on and never interpreted. */
  readonly envid?: string;
}

export type NotifyWord = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

export interface RcptParameters {
  readonly notify?: readonly NotifyWord[];
  /** As given, still in xtext. */
  readonly orcpt?: string;
}

export type ParameterResult<T> =
  | { readonly status: 'ok'; readonly parameters: T }
  | { readonly status: 'unknown'; readonly keyword: string }
  | { readonly status: 'bad'; readonly keyword: string; readonly reason: string };

/** RFC 5321 §4.1.2: esmtp-keyword and esmtp-value. */
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\p{C}\p{Z}=]+))?$/u;
const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;
const NOTIFY_WORDS: ReadonlySet<string> = new Set(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']);

/** Text of an xtext value (RFC 3461 §4); undefined when it is none, or hides control characters. */
export function decodeXtext(text: string): string | undefined {
  if (!XTEXT.test(text)) return undefined;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /[\u0000-\u001f\u007f]/.test(decoded) ? undefined : decoded;
}

/** A reader puts its value into `into`, or says what is wrong. */
type Reader<T> = (value: string | undefined, into: { -readonly [K in keyof T]: T[K] }) => string | undefined;

const MAIL_READERS: Readonly<Record<string, Reader<MailParameters>>> = {
  SIZE(value, into) {
    if (value === undefined || value.length > SIZE_DIGITS || !/^\d+$/.test(value))
      return 'takes a number of octets';
    into.size = Number(value);
    return undefined;
  },
  BODY(value, into) {
    const word = value?.toUpperCase();
    if (word !== '7BIT' && word !== '8BITMIME') return 'takes 7BIT or 8BITMIME';
    into.body = word;
    return undefined;
  },
  SMTPUTF8(value, into) {
    if (value !== undefined) return 'takes no value';
    into.smtpUtf8 = true;
    return undefined;
  },
  AUTH(value, into) {
    const decoded = value === undefined ? undefined : decodeXtext(value);
    if (decoded === undefined) return 'takes an address in xtext';
    into.auth = decoded === '<>' ? '' : decoded;
    return undefined;
  },
  RET(value, into) {
    const word = value?.toUpperCase();
    if (word !== 'FULL' && word !== 'HDRS') return 'takes FULL or HDRS';
    into.ret = word;
    return undefined;
  },
  ENVID(value, into) {
    const decoded = value === undefined ? undefined : decodeXtext(value);
    if (value === undefined || decoded === undefined) return 'takes xtext';
    if (decoded.length > ENVID_OCTETS) return `is longer than ${ENVID_OCTETS} octets`;
    into.envid = value;
    return undefined;
  },
};

const RCPT_READERS: Readonly<Record<string, Reader<RcptParameters>>> = {
  NOTIFY(value, into) {
    const words = (value ?? '').toUpperCase().split(',');
    if (!words.every((word) => NOTIFY_WORDS.has(word))) return 'takes NEVER, or SUCCESS, FAILURE and DELAY';
    if (words.includes('NEVER') && words.length > 1) return 'takes NEVER only by itself';
    into.notify = [...new Set(words)] as NotifyWord[];
    return undefined;
  },
  ORCPT(value, into) {
    const at = value?.indexOf(';') ?? -1;
    if (value === undefined || at < 1) return 'takes an address type, a semicolon and xtext';
    const decoded = /^[A-Za-z0-9-]+$/.test(value.slice(0, at)) ? decodeXtext(value.slice(at + 1)) : undefined;
    if (decoded === undefined || decoded === '') return 'takes an address type, a semicolon and xtext';
    if (decoded.length > ORCPT_OCTETS) return `is longer than ${ORCPT_OCTETS} octets`;
    into.orcpt = value;
    return undefined;
  },
};

function parse<T extends object>(
  text: string,
  readers: Readonly<Record<string, Reader<T>>>,
): ParameterResult<T> {
  const parameters = {} as { -readonly [K in keyof T]: T[K] };
  const seen = new Set<string>();
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const match = PARAMETER.exec(word);
    if (!match?.[1]) return { status: 'bad', keyword: 'parameter', reason: 'is malformed' };
    const keyword = match[1].toUpperCase();
    const read = Object.hasOwn(readers, keyword) ? readers[keyword] : undefined;
    if (!read) return { status: 'unknown', keyword };
    if (seen.has(keyword)) return { status: 'bad', keyword, reason: 'is given twice' };
    seen.add(keyword);
    const reason = read(match[2], parameters);
    if (reason !== undefined) return { status: 'bad', keyword, reason };
  }
  return { status: 'ok', parameters };
}

/** Reads what follows the reverse-path. */
export function parseMailParameters(text: string): ParameterResult<MailParameters> {
  return parse(text, MAIL_READERS);
}

/** Reads what follows the forward-path. */
export function parseRcptParameters(text: string): ParameterResult<RcptParameters> {
  return parse(text, RCPT_READERS);
}

/**
 * Parameters of MAIL and RCPT: SIZE (RFC 1870 §3), BODY (RFC 6152 §2, RFC 3030 §3), SMTPUTF8
 * (RFC 6531 §3.4), AUTH (RFC 4954 §5), REQUIRETLS (RFC 8689 §2), RET and ENVID (RFC 3461 §4.3, §4.4),
 * NOTIFY and ORCPT (RFC 3461 §4.1, §4.2).
 *
 * Read, checked and kept for the queue. A keyword that nobody knows is `unknown` and one whose
 * extension this client was not offered is `notOffered` (both 555, see RFC 5321 §4.1.1.11); a known
 * one with a wrong value, or given twice, is `bad` (501).
 *
 * Callers: engine/stages/{mail,rcpt} with the text after the path. Nothing throws.
 */
import { isUtf8 } from 'node:buffer';
import { ENVID_OCTETS, SIZE_DIGITS } from './limits.js';
import { originalRecipientFault } from './original-recipient.js';
import { decodeXtext } from './xtext.js';

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
  /** Every further hop must be encrypted and known by its certificate (RFC 8689 §4.2.1). */
  readonly requireTls?: true;
}

export type NotifyWord = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

export interface RcptParameters {
  readonly notify?: readonly NotifyWord[];
  /** As given, still encoded. */
  readonly orcpt?: string;
}

/** Extensions that bring parameters. */
export type ParameterExtension =
  | 'SIZE'
  | '8BITMIME'
  | 'BINARYMIME'
  | 'SMTPUTF8'
  | 'AUTH'
  | 'REQUIRETLS'
  | 'DSN';

export interface ParameterRules {
  /** Whether this client may use the extension. */
  readonly offered: (extension: ParameterExtension) => boolean;
  /** Whether the message asked for SMTPUTF8; for RCPT. */
  readonly utf8: boolean;
}

export type ParameterResult<T> =
  | { readonly status: 'ok'; readonly parameters: T }
  | { readonly status: 'notOffered'; readonly keyword: string }
  | { readonly status: 'unknown'; readonly keyword: string }
  | { readonly status: 'bad'; readonly keyword: string; readonly reason: string };

/** RFC 5321 §4.1.2: esmtp-keyword and esmtp-value. */
const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
const VALUE = /^[^\p{C}\p{Z}=]+$/u;
/** Of what is no keyword, so much is told back. */
const SHOWN_CHARACTERS = 40;
const NOTIFY_WORDS: ReadonlySet<string> = new Set(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY']);

/** Text in octets that are UTF-8, or else Latin-1. */
function textOf(octets: string): string {
  const bytes = Buffer.from(octets, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : octets;
}

interface Row<T> {
  /** The extension that brings the parameter, by its value where that decides. */
  readonly needs: ParameterExtension | ((value: string | undefined) => ParameterExtension);
  /** Puts the value into `into`, or says what is wrong. */
  readonly read: (
    value: string | undefined,
    into: { -readonly [K in keyof T]: T[K] },
    rules: ParameterRules,
  ) => string | undefined;
}

interface Given {
  readonly keyword: string;
  readonly value: string | undefined;
  /** What is wrong with the form of the value, whatever the keyword means. */
  readonly fault: string | undefined;
}

/** Cuts a parameter at its first equals sign; undefined when what is before it is no keyword. */
function readGiven(word: string): Given | undefined {
  const at = word.indexOf('=');
  const keyword = at < 0 ? word : word.slice(0, at);
  if (!KEYWORD.test(keyword)) return undefined;
  const value = at < 0 ? undefined : word.slice(at + 1);
  const given = { keyword: keyword.toUpperCase(), value };
  if (value === '') return { ...given, fault: 'has no value after its equals sign' };
  if (value === undefined || VALUE.test(value)) return { ...given, fault: undefined };
  return { ...given, fault: 'has a value with a character that no value may have' };
}

function bodyExtension(value: string | undefined): ParameterExtension {
  return value?.toUpperCase() === 'BINARYMIME' ? 'BINARYMIME' : '8BITMIME';
}

const MAIL_ROWS: Readonly<Record<string, Row<MailParameters>>> = {
  SIZE: {
    needs: 'SIZE',
    read(value, into) {
      if (value === undefined || value.length > SIZE_DIGITS || !/^\d+$/.test(value))
        return 'takes a number of octets';
      into.size = Number(value);
      return undefined;
    },
  },
  BODY: {
    needs: bodyExtension,
    read(value, into) {
      const word = value?.toUpperCase();
      if (word !== '7BIT' && word !== '8BITMIME' && word !== 'BINARYMIME')
        return 'takes 7BIT, 8BITMIME or BINARYMIME';
      into.body = word;
      return undefined;
    },
  },
  SMTPUTF8: {
    needs: 'SMTPUTF8',
    read(value, into) {
      if (value !== undefined) return 'takes no value';
      into.smtpUtf8 = true;
      return undefined;
    },
  },
  AUTH: {
    needs: 'AUTH',
    read(value, into) {
      const decoded = value ? decodeXtext(value) : undefined;
      const text = decoded === undefined ? undefined : textOf(decoded);
      if (text === undefined || /\p{Cc}/u.test(text)) return 'takes an address in xtext';
      into.auth = text === '<>' ? '' : text;
      return undefined;
    },
  },
  REQUIRETLS: {
    needs: 'REQUIRETLS',
    read(value, into) {
      if (value !== undefined) return 'takes no value';
      into.requireTls = true;
      return undefined;
    },
  },
  RET: {
    needs: 'DSN',
    read(value, into) {
      const word = value?.toUpperCase();
      if (word !== 'FULL' && word !== 'HDRS') return 'takes FULL or HDRS';
      into.ret = word;
      return undefined;
    },
  },
  ENVID: {
    needs: 'DSN',
    read(value, into) {
      const decoded = value ? decodeXtext(value) : undefined;
      if (!value || decoded === undefined) return 'takes xtext';
      if (decoded.length > ENVID_OCTETS) return `is longer than ${ENVID_OCTETS} octets`;
      into.envid = value;
      return undefined;
    },
  },
};

const RCPT_ROWS: Readonly<Record<string, Row<RcptParameters>>> = {
  NOTIFY: {
    needs: 'DSN',
    read(value, into) {
      const words = (value ?? '').toUpperCase().split(',');
      if (!words.every((word) => NOTIFY_WORDS.has(word))) return 'takes NEVER, or SUCCESS, FAILURE and DELAY';
      if (words.includes('NEVER') && words.length > 1) return 'takes NEVER only by itself';
      into.notify = [...new Set(words)] as NotifyWord[];
      return undefined;
    },
  },
  ORCPT: {
    needs: 'DSN',
    read(value, into, { utf8 }) {
      const fault = originalRecipientFault(value ?? '', utf8);
      if (fault !== undefined || value === undefined) return fault;
      into.orcpt = value;
      return undefined;
    },
  },
};

function parse<T extends object>(
  text: string,
  rows: Readonly<Record<string, Row<T>>>,
  rules: ParameterRules,
): ParameterResult<T> {
  const parameters = {} as { -readonly [K in keyof T]: T[K] };
  const seen = new Set<string>();
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const given = readGiven(word);
    if (!given) {
      const shown = word.slice(0, SHOWN_CHARACTERS);
      return { status: 'bad', keyword: shown, reason: 'has no name of letters, digits and hyphens' };
    }
    const { keyword, value, fault } = given;
    const row = Object.hasOwn(rows, keyword) ? rows[keyword] : undefined;
    if (!row)
      return fault === undefined ? { status: 'unknown', keyword } : { status: 'bad', keyword, reason: fault };
    const extension = typeof row.needs === 'string' ? row.needs : row.needs(value);
    if (!rules.offered(extension)) return { status: 'notOffered', keyword };
    if (seen.has(keyword)) return { status: 'bad', keyword, reason: 'is given twice' };
    seen.add(keyword);
    // What the parameter takes tells the client more than what values may look like.
    const reason = row.read(value, parameters, rules) ?? fault;
    if (reason !== undefined) return { status: 'bad', keyword, reason };
  }
  return { status: 'ok', parameters };
}

/** Reads what follows the reverse-path. */
export function parseMailParameters(text: string, rules: ParameterRules): ParameterResult<MailParameters> {
  return parse(text, MAIL_ROWS, rules);
}

/** Reads what follows the forward-path. */
export function parseRcptParameters(text: string, rules: ParameterRules): ParameterResult<RcptParameters> {
  return parse(text, RCPT_ROWS, rules);
}

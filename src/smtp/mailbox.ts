/**
 * Reverse-path and forward-path of MAIL and RCPT (RFC 5321 §4.1.2, §4.1.1.2, §4.1.1.3; RFC 6531 §3.3).
 *
 * Reads `<local@domain>`, `<>` where a sender may be empty, `<postmaster>` where a recipient may
 * have no domain, quoted local parts, address literals, and source routes, which are read and
 * dropped as RFC 5321 §4.1.1.3 asks. One pass from left to right; no step looks back, so the time
 * is linear in a text of at most a command line.
 *
 * Callers: engine/stages/{mail,rcpt} with the text after `FROM:` or `TO:`; policies' addresses.
 * A refusal is a value; `needsUtf8` tells a right address whose client forgot SMTPUTF8.
 */
import { isAscii, isDomain, parseAddressLiteral } from './domain.js';
import { PATH_OCTETS } from './limits.js';

export interface Mailbox {
  /** As it goes on the wire between angle brackets; empty for the null sender. */
  readonly address: string;
  /** Local part without quotes and backslashes. */
  readonly local: string;
  /** Domain or address literal as written; empty for the null sender and for bare `postmaster`. */
  readonly domain: string;
}

export const NULL_SENDER: Mailbox = { address: '', local: '', domain: '' };

export type PathResult =
  | { readonly status: 'ok'; readonly mailbox: Mailbox; readonly rest: string }
  | { readonly status: 'needsUtf8' }
  | { readonly status: 'bad'; readonly reason: string };

export interface PathOptions {
  /** `sender` may be `<>`; `recipient` may be `<postmaster>`. */
  readonly kind: 'sender' | 'recipient';
  /** Whether characters outside ASCII are allowed. */
  readonly utf8: boolean;
}

/** RFC 5321 §4.1.2 atext, with the characters of RFC 6531 §3.3 beside it. */
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]|[^\p{ASCII}\p{C}\p{Z}]/u;
const DOT_STRING = new RegExp(`^(?:${ATOM.source})+(?:\\.(?:${ATOM.source})+)*$`, 'u');
/** RFC 5321 §4.1.2 qtextSMTP, less the quote and the backslash. */
const QUOTED_CHARACTER = /[\x20-\x7e]|[^\p{ASCII}\p{C}\p{Z}]/u;

function bad(reason: string): PathResult {
  return { status: 'bad', reason };
}

/** Where the path ends: the first `>` outside quotes, or -1. */
function closingBracket(text: string): number {
  let quoted = false;
  for (let i = 1; i < text.length; i += 1) {
    const c = text[i];
    if (quoted && c === '\\') i += 1;
    else if (c === '"') quoted = !quoted;
    else if (c === '>' && !quoted) return i;
    else if (c === '<' && !quoted) return -1;
  }
  return -1;
}

/** Drops `@one,@two:` in front of a mailbox (RFC 5321 §4.1.1.3); undefined when it is malformed. */
function withoutRoute(path: string): string | undefined {
  let at = 0;
  while (path[at] === '@') {
    // An address literal of IPv6 holds colons; its bracket ends it.
    const from = path[at + 1] === '[' ? path.indexOf(']', at) : at;
    const end = from < 0 ? -1 : path.slice(from).search(/[,:]/) + from;
    if (end < Math.max(from, 1) || !isHost(path.slice(at + 1, end), true)) return undefined;
    if (path[end] === ':') return path.slice(end + 1);
    at = end + 1;
  }
  return at === 0 ? path : undefined;
}

function isHost(text: string, utf8: boolean): boolean {
  return text.startsWith('[') ? parseAddressLiteral(text) !== undefined : isDomain(text, utf8);
}

interface LocalPart {
  readonly value: string;
  /** Index of the `@` behind it, or the length of the text. */
  readonly end: number;
}

/** A quoted string at the start of `path`, with its escapes resolved. */
function quotedLocal(path: string): LocalPart | undefined {
  let value = '';
  for (let i = 1; i < path.length; i += 1) {
    const c = path.charAt(i);
    if (c === '"') return { value, end: i + 1 };
    const plain = c === '\\' ? path.charAt((i += 1)) : c;
    // A surrogate half is a part of a character that the command line decoder has checked.
    if (!QUOTED_CHARACTER.test(plain) && !/[\ud800-\udfff]/.test(plain)) return undefined;
    value += plain;
  }
  return undefined;
}

function localPart(path: string): LocalPart | undefined {
  if (path.startsWith('"')) return quotedLocal(path);
  const at = path.indexOf('@');
  const end = at < 0 ? path.length : at;
  const value = path.slice(0, end);
  return DOT_STRING.test(value) ? { value, end } : undefined;
}

/** The local part as it is written: bare where that is enough, else quoted (RFC 5321 §4.1.2). */
export function formatLocalPart(local: string): string {
  return DOT_STRING.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

function parseMailbox(path: string, options: PathOptions): Mailbox | string {
  const local = localPart(path);
  if (!local || local.value === '') return 'the local part is malformed';
  if (local.end === path.length) {
    const bare = options.kind === 'recipient' && local.value.toLowerCase() === 'postmaster';
    return bare ? { address: path, local: local.value, domain: '' } : 'the domain is missing';
  }
  const domain = path.slice(local.end + 1);
  if (path[local.end] !== '@' || !isHost(domain, true)) return 'the domain is malformed';
  return { address: `${formatLocalPart(local.value)}@${domain}`, local: local.value, domain };
}

/** Reads what stands between the brackets, which is not empty. */
function parseInner(inner: string, options: PathOptions): Mailbox | string {
  if (Buffer.byteLength(inner) + 2 > PATH_OCTETS) return `the address is longer than ${PATH_OCTETS} octets`;
  const path = withoutRoute(inner);
  if (path === undefined) return 'the source route is malformed';
  const mailbox = parseMailbox(path, options);
  const isRouted = path !== inner;
  return isRouted && typeof mailbox !== 'string' && mailbox.domain === '' ? 'the domain is missing' : mailbox;
}

/** Reads a path in angle brackets at the start of `text`; `rest` is what follows it. */
export function parsePath(text: string, options: PathOptions): PathResult {
  if (!text.startsWith('<')) return bad('the address must stand in angle brackets');
  const end = closingBracket(text);
  if (end < 0) return bad('the angle bracket is not closed');
  const rest = text.slice(end + 1);
  if (rest !== '' && !rest.startsWith(' ')) return bad('there is text right after the address');
  const inner = text.slice(1, end);
  if (inner === '') {
    if (options.kind === 'recipient') return bad('a recipient cannot be empty');
    return { status: 'ok', mailbox: NULL_SENDER, rest };
  }
  const mailbox = parseInner(inner, options);
  if (typeof mailbox === 'string') return bad(mailbox);
  if (!options.utf8 && !isAscii(mailbox.address)) return { status: 'needsUtf8' };
  return { status: 'ok', mailbox, rest };
}

/** Reads an address without brackets, as policies and administrators write it. */
export function parseAddress(text: string): Mailbox | undefined {
  const result = parsePath(`<${text}>`, { kind: 'recipient', utf8: true });
  return result.status === 'ok' && result.rest === '' ? result.mailbox : undefined;
}

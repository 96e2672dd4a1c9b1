/**
 * The users file as text: one user a line, `name:hash` or `name:{PLAIN}secret`.
 *
 * A line that begins with `#` and a blank one say nothing. Every other line is either right in
 * all its parts or a finding, and a finding opens nothing: a user with a bad line, or with two
 * lines, is refused. The file is read as octets, so that one line that is not UTF-8 spoils itself
 * alone.
 *
 * Callers: users-file, change-users, cli. Nothing here throws.
 */
import { parseScryptHash } from './scrypt-text.js';
import type { UserSecret } from './user-source.js';
import { nameFault, normalizeText, passwordFault, shownName } from './user-text.js';

export interface UsersFinding {
  /** From 1. */
  readonly line: number;
  /** The user that is refused because of it, safe for a log; empty when the line names none. */
  readonly user: string;
  /** What is wrong; never holds a secret. */
  readonly reason: string;
}

export interface UsersReading {
  /** By name in NFC. */
  readonly users: ReadonlyMap<string, UserSecret>;
  readonly findings: readonly UsersFinding[];
}

/** Marks a secret that stands in the file as it is. */
export const PLAIN_MARK = '{PLAIN}';

/** Longest line, octets: the longest name, the longest secret, and room for the marks between. */
const LONGEST_LINE = 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

export interface UsersLine {
  /** Without its end (LF or CRLF), and without a byte order mark before the first. */
  readonly text: Buffer;
  /** All of its octets as they stand in the file. */
  readonly raw: Buffer;
}

export function linesOf(octets: Buffer): UsersLine[] {
  const hasMark = octets.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const lines: UsersLine[] = [];
  let start = 0;
  while (start < octets.length) {
    const found = octets.indexOf(0x0a, start);
    const next = found === -1 ? octets.length : found + 1;
    const end = found === -1 ? next : found;
    // Also at the end of the file: a line must not change its meaning when another follows.
    const isCrlf = end > start && octets[end - 1] === 0x0d;
    const begin = start === 0 && hasMark ? BYTE_ORDER_MARK.length : start;
    lines.push({
      text: octets.subarray(begin, isCrlf ? end - 1 : end),
      raw: octets.subarray(start, next),
    });
    start = next;
  }
  return lines;
}

type LineReading =
  | { readonly status: 'empty' }
  | { readonly status: 'user'; readonly name: string; readonly secret: UserSecret }
  /** `name` in NFC, where the line has a usable one. */
  | { readonly status: 'bad'; readonly name: string | undefined; readonly reason: string };

function bad(reason: string, name?: string): LineReading {
  return { status: 'bad', name, reason };
}

/** The secret, or why there is none. */
function readSecret(text: string): UserSecret | string {
  if (!text.startsWith(PLAIN_MARK)) {
    const reading = parseScryptHash(text);
    if (reading.status === 'ok') return { kind: 'hash', hash: text };
    return `what follows the name is neither a hash nor ${PLAIN_MARK} and a secret: ${reading.reason}`;
  }
  const secret = normalizeText(text.slice(PLAIN_MARK.length));
  if (secret !== secret.trim()) return 'the secret begins or ends with a blank';
  return passwordFault(secret) ?? { kind: 'plain', secret };
}

export function readUserLine(line: Buffer): LineReading {
  if (line.length > LONGEST_LINE) return bad(`the line is longer than ${LONGEST_LINE} octets`);
  let text: string;
  try {
    text = UTF8.decode(line);
  } catch {
    // Somebody saved the file in another encoding; which name was meant is anybody's guess.
    return bad('the line is not UTF-8');
  }
  if (text.trim() === '' || text.startsWith('#')) return { status: 'empty' };
  const cut = text.indexOf(':');
  if (cut === -1) return bad('the line has no colon between name and hash');
  const name = normalizeText(text.slice(0, cut));
  const fault = nameFault(name);
  if (fault !== undefined) return bad(fault);
  const secret = readSecret(text.slice(cut + 1));
  return typeof secret === 'string' ? bad(secret, name) : { status: 'user', name, secret };
}

/** Reads the whole file. A name on two lines, good or bad, is refused: which one is meant is not ours to guess. */
export function parseUsers(octets: Buffer): UsersReading {
  const users = new Map<string, UserSecret>();
  const findings: UsersFinding[] = [];
  const seen = new Map<string, number>();
  linesOf(octets).forEach(({ text }, index) => {
    const reading = readUserLine(text);
    if (reading.status === 'empty') return;
    const line = index + 1;
    const user = reading.name === undefined ? '' : shownName(reading.name);
    if (reading.status === 'bad') findings.push({ line, user, reason: reading.reason });
    if (reading.name === undefined) return;
    const first = seen.get(reading.name);
    if (first !== undefined) {
      users.delete(reading.name);
      findings.push({ line, user, reason: `line ${first} names this user already; both are refused` });
      return;
    }
    seen.set(reading.name, line);
    if (reading.status === 'user') users.set(reading.name, reading.secret);
  });
  return { users, findings };
}

/**
 * Identifiers people quote: session, reply and queue ids.
 *
 * A session id is 12 characters: 8 of time (milliseconds, sortable) and 4 of chance and counter,
 * in Crockford's base 32 written small, so that it survives a telephone call. A queue id is the
 * session id with the number of the message in the session: `0m7c3k9qab1x-1`. A reply id is the
 * session id with the number of the reply's step: `0m7c3k9qab1x.4`.
 *
 * Callers: engine, queue, cli/explain. Two ids of one process never collide; two processes that
 * draw in the same millisecond collide with a chance of 1 in 2^20.
 */
import type { Clock } from './clock.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TAIL_SPAN = 0x100000;

function base32(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Makes a generator of session ids; each call gives a new, later-sorting id. */
export function createSessionIds(clock: Clock): () => string {
  let tail = clock.random(3).readUIntBE(0, 3) % TAIL_SPAN;
  return () => {
    tail = (tail + 1) % TAIL_SPAN;
    return base32(clock.now(), 8) + base32(tail, 4);
  };
}

const SESSION_ID = '[0-9a-hjkmnp-tv-z]{12}';
const SESSION_PATTERN = new RegExp(`^(${SESSION_ID})(?:\\.(\\d{1,6})|-(\\d{1,6}))?$`);

/** What a quoted id points at; `step` for a reply id, `message` for a queue id. */
export interface QuotedId {
  readonly session: string;
  readonly step: number | undefined;
  readonly message: number | undefined;
}

/** Reads an id as somebody would quote it; `undefined` when it is none of ours. */
export function parseQuotedId(text: string): QuotedId | undefined {
  const match = SESSION_PATTERN.exec(text.trim().toLowerCase());
  if (!match?.[1]) return undefined;
  return {
    session: match[1],
    step: match[2] === undefined ? undefined : Number(match[2]),
    message: match[3] === undefined ? undefined : Number(match[3]),
  };
}

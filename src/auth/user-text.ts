/**
 * Names and passwords as text: what may be one, the form in which they are compared, and how a
 * name is shown.
 *
 * Both are taken in NFC, so that a letter with an accent is the same whether a keyboard sends it
 * as one code point or two (RFC 8265 §3.4 and §4.2 choose the same form). Letter case counts.
 *
 * Callers: SASL mechanisms, users file, authenticator, cli. Nothing here throws.
 */

/** Longest user name, octets of UTF-8. */
export const LONGEST_NAME = 255;
/** Longest password, octets of UTF-8. */
export const LONGEST_PASSWORD = 512;

/** Longest name in logs and facts, characters. */
const LONGEST_SHOWN = 64;

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u;

export function normalizeText(text: string): string {
  return text.normalize('NFC');
}

/** Why `text` cannot be a password, or undefined when it can. */
export function passwordFault(text: string): string | undefined {
  if (text === '') return 'the password is empty';
  if (Buffer.byteLength(text) > LONGEST_PASSWORD)
    return `the password is longer than ${LONGEST_PASSWORD} octets`;
  return /[\p{Cc}\p{Cs}]/u.test(text) ? 'the password holds a control character' : undefined;
}

/** Why `text` cannot be a user name, or undefined when it can. `:` ends a name in the users file. */
export function nameFault(text: string): string | undefined {
  if (text === '') return 'the name is empty';
  if (Buffer.byteLength(text) > LONGEST_NAME) return `the name is longer than ${LONGEST_NAME} octets`;
  if (UNPRINTABLE.test(text)) return 'the name holds a character that does not print';
  if (text.includes(':')) return 'the name holds a colon';
  if (text.startsWith('#')) return 'the name begins with #';
  return text === text.trim() ? undefined : 'the name begins or ends with a blank';
}

/** A name of a stranger for one field of a log: nothing that does not print, and not long. */
export function shownName(name: string): string {
  const clean = name.slice(0, LONGEST_SHOWN * 2).replace(new RegExp(UNPRINTABLE, 'gu'), '?');
  return clean.length <= LONGEST_SHOWN ? clean : `${clean.slice(0, LONGEST_SHOWN - 3)}...`;
}

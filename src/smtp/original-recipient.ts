/**
 * The value of ORCPT: an address type, a semicolon and the address as it was first given
 * (RFC 3461 §4.2; RFC 6533 §3 for the type utf-8).
 *
 * The address is kept as it came and goes into notices only, never into an envelope. So its form is
 * checked as far as a notice could be spoilt by it, and an address that we would not take in RCPT
 * ourselves is no reason to refuse the recipient whose history it is.
 *
 * Callers: parameters.ts. A refusal is the reason as text; nothing throws.
 */
import { ORCPT_OCTETS } from './limits.js';
import { decodeXtext } from './xtext.js';

const TAKES = 'takes an address type, a semicolon and an encoded address';

/** RFC 3461 §4.2: an atom; the registered ones are letters, digits and hyphens. */
const TYPE = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/;
/** A local part and a domain, or the one recipient that may do without (RFC 5321 §4.5.1). */
const MAILBOX = /^(?:[\x20-\x7e]+@[\x21-\x7e]+|postmaster)$/i;
/** RFC 6533 §3: QCHAR, and what is beyond ASCII for clients that asked for SMTPUTF8. */
const CHARACTER = /^(?:[!-*,-<>-[\]-~]|[^\p{ASCII}\p{C}\p{Z}])$/u;
const EMBEDDED = /\\x\{([0-9A-F]{2,6})\}/g;

/** The address of type utf-8; undefined when it is none, or hides what cannot be printed. */
function decodeUtf8Address(text: string): string | undefined {
  let isRight = true;
  const check = (plain: string): void => {
    for (const character of plain) isRight &&= CHARACTER.test(character);
  };
  let decoded = '';
  let from = 0;
  for (const match of text.matchAll(EMBEDDED)) {
    const plain = text.slice(from, match.index);
    check(plain);
    const point = Number.parseInt(match[1] ?? '', 16);
    // Half a surrogate pair is no character, and neither is anything beyond the last one.
    const isCharacter = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    decoded += plain + (isCharacter ? String.fromCodePoint(point) : '\0');
    from = match.index + match[0].length;
  }
  check(text.slice(from));
  decoded += text.slice(from);
  return isRight && decoded !== '' && !/\p{Cc}/u.test(decoded) ? decoded : undefined;
}

/** Says what is wrong with the value of ORCPT; `utf8` tells whether the message asked for SMTPUTF8. */
export function originalRecipientFault(value: string, utf8: boolean): string | undefined {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, Math.max(semicolon, 0));
  const encoded = value.slice(semicolon + 1);
  if (!TYPE.test(type)) return TAKES;
  if (Buffer.byteLength(encoded) > 3 * ORCPT_OCTETS) return `is longer than ${ORCPT_OCTETS} octets`;
  const isUtf8 = type.toLowerCase() === 'utf-8';
  if (isUtf8 && !utf8 && /[^\p{ASCII}]/u.test(encoded)) return 'needs SMTPUTF8 for characters outside ASCII';
  const decoded = isUtf8 ? decodeUtf8Address(encoded) : decodeXtext(encoded);
  if (decoded === undefined || decoded === '') return TAKES;
  if (Buffer.byteLength(decoded) > ORCPT_OCTETS) return `is longer than ${ORCPT_OCTETS} octets`;
  if (type.toLowerCase() === 'rfc822' && !MAILBOX.test(decoded)) return 'takes an address of type rfc822';
  return undefined;
}

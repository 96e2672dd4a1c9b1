/**
 * Domain names and address literals (RFC 5321 §4.1.2, §4.1.3; RFC 5891 for names in other scripts).
 *
 * Answers are values; nothing here throws or looks anything up. Every scan is linear in a text
 * whose length is checked first.
 *
 * Callers: mailbox.ts, engine (local domains, EHLO names), message/received.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { DOMAIN_OCTETS, LABEL_OCTETS } from './limits.js';

/** Letters, digits and hyphens; underscores are no host names but appear in real ones. */
const ASCII_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
/**
 * The same, at most LABEL_OCTETS long each, with dots between them: nearly every name there is.
 * Linear: labels are bounded and hold no dot, and so is the length of the text.
 */
const ASCII_DOMAIN =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** A label of RFC 6531: as above, or any character outside ASCII that is not a control or separator. */
const UTF8_LABEL = /^(?:[A-Za-z0-9_-]|[^\p{ASCII}\p{C}\p{Z}])+$/u;
const NON_ASCII = /[^\p{ASCII}]/u;

export function isAscii(text: string): boolean {
  return !NON_ASCII.test(text);
}

/** Whether the text is a domain name; labels outside ASCII count only with `utf8`. */
export function isDomain(text: string, utf8 = false): boolean {
  if (text.length > DOMAIN_OCTETS) return false;
  if (ASCII_DOMAIN.test(text)) return true;
  if (text === '' || Buffer.byteLength(text) > DOMAIN_OCTETS) return false;
  return text.split('.').every((label) => {
    if (label === '' || Buffer.byteLength(label) > LABEL_OCTETS) return false;
    if (ASCII_LABEL.test(label)) return true;
    return utf8 && UTF8_LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-');
  });
}

/** The address inside `[192.0.2.1]` or `[IPv6:2001:db8::1]`; undefined when it is no such literal. */
export function parseAddressLiteral(text: string): string | undefined {
  if (text.length > DOMAIN_OCTETS || !text.startsWith('[') || !text.endsWith(']')) return undefined;
  const inner = text.slice(1, -1);
  if (isIPv4(inner)) return inner;
  if (!/^IPv6:/i.test(inner)) return undefined;
  const address = inner.slice(5);
  return isIPv6(address) && !address.includes('%') ? address : undefined;
}

/**
 * The one spelling in which two names are compared: A-labels in small letters. A name that IDNA
 * cannot carry keeps its own spelling, so that it is equal to itself and nothing else.
 */
export function comparableDomain(domain: string): string {
  const small = domain.toLowerCase();
  if (isAscii(small) || small.startsWith('[')) return small;
  const ascii = domainToASCII(small);
  return ascii === '' ? small : ascii;
}

/** The name as people read it: U-labels where there are any. */
export function readableDomain(domain: string): string {
  if (!/xn--/i.test(domain)) return domain;
  const unicode = domainToUnicode(domain);
  return unicode === '' ? domain : unicode;
}

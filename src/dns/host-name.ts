/**
 * Names that came out of DNS, judged before anybody uses them.
 *
 * A label of DNS may hold any octet, a line end included. A name that passes here is safe to
 * print, to compare and to put on the wire.
 *
 * Callers: mail-hosts, checks. RFC 1123 §2.1; underscores are let through because they are in use.
 */

const LONGEST_NAME = 253;
const UPPER = /[A-Z]/;
const UPPER_RUNS = /[A-Z]+/g;
const ASCII = /^[\0-\x7f]*$/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Letters, digits, hyphens and underscores in labels of 1 to 63, at most 253 in all; no final dot. */
export function isHostName(name: string): boolean {
  return name.length <= LONGEST_NAME && name.split('.').every((label) => LABEL.test(label));
}

/** Lower case for ASCII letters only, as DNS compares names (RFC 4343 §3); the final dot goes. */
export function foldName(name: string): string {
  // Nearly every name is in lower case already.
  const folded = UPPER.test(name) ? foldLetters(name) : name;
  return folded.length > 1 && folded.endsWith('.') ? folded.slice(0, -1) : folded;
}

/** A name of many short runs would cost a call for each of them, so plain ASCII goes in one. */
function foldLetters(name: string): string {
  return ASCII.test(name) ? name.toLowerCase() : name.replace(UPPER_RUNS, (letters) => letters.toLowerCase());
}

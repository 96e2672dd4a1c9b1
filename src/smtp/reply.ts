/**
 * An SMTP reply as a value (RFC 5321 §4.2, RFC 2034 §4).
 *
 * Stages return replies; one writer (`engine/listener`) puts them on the wire through
 * `formatReply`, which guarantees printable text, correct line ends, at most 512 octets a line
 * and one enhanced code per line. Nothing else writes reply text to a socket.
 *
 * Callers: every stage, delivery, tests.
 */

export interface Reply {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** Enhanced status code `class.subject.detail` (RFC 3463); empty where the standard has none. */
  readonly enhanced: string;
  /** One entry per line, without code and line end. */
  readonly text: readonly string[];
  /** Whether the connection ends after this reply. */
  readonly close: boolean;
}

export interface ReplyOptions {
  readonly close?: boolean;
}

/** Builds a reply. `enhanced` is empty for greetings, 354 and EHLO answers. */
export function reply(
  code: number,
  enhanced: string,
  text: string | readonly string[],
  options: ReplyOptions = {},
): Reply {
  return {
    code,
    enhanced,
    text: typeof text === 'string' ? [text] : text,
    close: options.close ?? code === 421,
  };
}

export function isSuccess(r: Reply): boolean {
  return r.code < 400;
}

export function isTemporary(r: Reply): boolean {
  return r.code >= 400 && r.code < 500;
}

/** RFC 5321 §4.5.3.1.5: 512 octets a line with code and CRLF. */
const LINE_OCTETS = 512;

/** Control characters and bytes outside ASCII never reach the wire; each becomes one `?` or space. */
function printable(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const cut = rest.lastIndexOf(' ', room);
    const at = cut > 0 ? cut : room;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  lines.push(rest);
  return lines;
}

function linesOf(entry: string, room: number): string[] {
  return entry.split(/\r\n|\r|\n/).flatMap((line) => wrap(printable(line), room));
}

/** Text that goes out as it stands: short, printable, with nothing to trim. */
const PLAIN = /^[!-~](?:[ -~]{0,400}[!-~])?$/;

/** The octets of a reply, CRLF included. Safe for any text, whoever wrote it. */
export function formatReply(r: Reply): string {
  const prefix = r.enhanced === '' ? '' : `${r.enhanced} `;
  const room = LINE_OCTETS - 6 - prefix.length;
  // Nearly every line is plain; the others cost ten times as much.
  const lines = r.text.every((entry) => PLAIN.test(entry))
    ? r.text
    : r.text.flatMap((entry) => linesOf(entry, room));
  const last = Math.max(0, lines.length - 1);
  let octets = '';
  for (let i = 0; i < last; i += 1) octets += `${r.code}-${prefix}${lines[i] ?? ''}\r\n`;
  return `${octets}${r.code} ${prefix}${lines[last] ?? ''}\r\n`;
}

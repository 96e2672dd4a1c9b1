/**
 * What a peer answered: its class, and its text made fit for a log line and a bounce.
 *
 * The text is the peer's: control characters and line ends become blanks and the length is
 * bounded, so that it forges neither a log line nor a header (RFC 5321 §4.2).
 *
 * Callers: delivery/smtp. Pure.
 */

export interface PeerReply {
  /** 0 when the answer does not begin with a reply code. */
  readonly code: number;
  /** Everything after the codes of its lines, on one line, with the code in front. */
  readonly text: string;
}

/** More of it says nothing more. */
const LONGEST = 400;
const CODE = /^([2-5]\d\d)(?:[ -]|$)/;

/** Text of a stranger on one line. */
export function oneLine(text: string): string {
  const plain = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}

/** Reads a whole reply, its lines separated by LF. */
export function readReply(raw: string): PeerReply {
  const lines = raw.split('\n');
  const code = CODE.exec(lines[0] ?? '')?.[1];
  if (code === undefined) return { code: 0, text: oneLine(raw) };
  const texts = lines.map((line) => (CODE.test(line) ? line.slice(4) : line));
  return { code: Number(code), text: oneLine(`${code} ${texts.join(' ')}`) };
}

export type ReplyClass = 'accepted' | 'deferred' | 'failed';

/** 2yz, and 354 where it is asked for, accept; 5yz fails; everything else may go better later. */
export function classOf({ code }: PeerReply): ReplyClass {
  if (code >= 200 && code < 300) return 'accepted';
  return code >= 500 && code < 600 ? 'failed' : 'deferred';
}

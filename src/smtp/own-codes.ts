/**
 * The codes that a text may begin with: `550 5.7.1 text`, `550 text`, `5.7.1 text` (RFC 5321 §4.2, RFC 3463).
 *
 * Read from the text as its author wrote it, before anything of a client is filled in, so that no
 * client can choose the code of its own refusal.
 *
 * Callers: hooks/session-run; engine/stages uses them where they agree with the action.
 */

export interface OwnCodes {
  /** 200 to 599; undefined when the text names none. */
  readonly code: number | undefined;
  /** Empty when the text names none. */
  readonly enhanced: string;
}

export interface CodedText extends OwnCodes {
  /** What follows the codes. */
  readonly text: string;
}

const CODES = /^\s*(?:([2-5]\d\d)(?:[ -]+|$))?(?:([2-5]\.\d{1,3}\.\d{1,3})(?: +|$))?/;

/** Takes the codes off the beginning of a text. */
export function splitCodes(written: string): CodedText {
  const [prefix = '', code, enhanced = ''] = CODES.exec(written) ?? [];
  return {
    code: code === undefined ? undefined : Number(code),
    enhanced,
    text: written.slice(prefix.length),
  };
}

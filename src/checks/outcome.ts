/**
 * What every check gives back.
 *
 * A check always resolves: the status says what was found, trouble included; the explanation is
 * one printable line for a reply, a header or a log; the evidence is what was asked and answered,
 * for the trace. A check publishes nothing and logs nothing: its caller does.
 *
 * Callers: all checks, hooks/methods.
 */

export interface CheckOutcome<Status extends string> {
  readonly status: Status;
  /** One line without control characters; empty when there is nothing to say. */
  readonly explanation: string;
  /** One entry per question that mattered, such as `MX example.org: none`. */
  readonly evidence: readonly string[];
}

/** What most names, codes and numbers are made of. */
const PLAIN = /^[!-~]*$/;

/** Longest text taken over from strangers, characters. */
const LONGEST_TEXT = 400;

/**
 * Text of strangers made safe for one line: what does not print becomes a space, spaces are
 * joined, and the end is cut. Keeps text beyond ASCII, as replies with SMTPUTF8 may carry it.
 */
export function printable(text: string, longest: number = LONGEST_TEXT): string {
  if (text.length <= longest && PLAIN.test(text)) return text;
  // Cut before the replacing, so that a huge text costs no more than a long one.
  const clean = text
    .slice(0, longest * 2)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 3).trimEnd()}...`;
}

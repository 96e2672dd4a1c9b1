/**
 * xtext: text in a parameter with its awkward octets as `+` and two hexadecimal digits (RFC 3461 §4).
 *
 * Callers: parameters.ts, original-recipient.ts, xclient.ts. Nothing throws.
 */

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/** Text of an xtext value, one character an octet; undefined when it is none, or hides control characters. */
export function decodeXtext(text: string): string | undefined {
  if (!XTEXT.test(text)) return undefined;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /[\u0000-\u001f\u007f]/.test(decoded) ? undefined : decoded;
}

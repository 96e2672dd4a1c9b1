/**
 * How long a peer may take for each step (RFC 5321 §4.5.3.2), in milliseconds.
 *
 * Callers: delivery/smtp; tests give shorter ones.
 */

export interface Timeouts {
  /** Opening the connection. The system's own limit would be minutes. */
  readonly connect: number;
  /** The greeting. */
  readonly greeting: number;
  /** The reply to EHLO or LHLO, to STARTTLS, RSET and QUIT, and the TLS handshake. */
  readonly command: number;
  readonly mail: number;
  readonly rcpt: number;
  /** The 354 after DATA. */
  readonly dataStart: number;
  /** The peer takes some more of the content. */
  readonly dataBlock: number;
  /** The reply after the end of the data. */
  readonly dataEnd: number;
}

const MINUTE = 60_000;

export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: MINUTE,
  greeting: 5 * MINUTE,
  command: 5 * MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
  dataStart: 2 * MINUTE,
  dataBlock: 3 * MINUTE,
  dataEnd: 10 * MINUTE,
};

/**
 * The DeliveryTransport port: one way of bringing a message to its recipients.
 *
 * A transport answers for each recipient it was given; one it does not mention counts as
 * deferred. It may throw: that defers every recipient it had not reported. It must be prepared to
 * see the same message again, because a crash between its work and the record of it repeats the
 * attempt; what it has reported is recorded whatever happens to the rest of the attempt.
 *
 * Callers: delivery/dispatcher calls it; delivery/local, delivery/smtp and delivery/routes
 * implement it.
 */
import type { QueueEntry, RecipientState } from '../queue/entry.js';

export interface Delivered {
  readonly status: 'delivered';
  readonly address: string;
  /** Who did it, when that is not the transport which was asked. */
  readonly transport?: string;
  /** What a peer said when it took the message, on one line. */
  readonly reply?: string;
}

export interface NotDelivered {
  readonly status: 'deferred' | 'failed';
  readonly address: string;
  readonly reason: string;
}

export type RecipientResult = Delivered | NotDelivered;

/** Takes the result of one recipient as soon as it is known. */
export type ReportResult = (result: RecipientResult) => void;

export interface DeliveryTransport {
  /** Shown in facts and logs, e.g. `maildir`. */
  readonly name: string;
  /**
   * `signal` aborts when the attempt's time is over or the process stops; then nobody listens.
   * What is answered counts like what is reported; a transport with one recipient after the
   * other reports, so that an attempt which is cut short keeps what was done.
   */
  deliver(
    entry: QueueEntry,
    recipients: readonly RecipientState[],
    signal: AbortSignal,
    report: ReportResult,
  ): Promise<readonly RecipientResult[]>;
}

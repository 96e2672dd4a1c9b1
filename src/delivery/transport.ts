/**
 * The DeliveryTransport port: one way of bringing a message to its recipients.
 *
 * A transport answers for each recipient it was given; one it does not mention counts as
 * deferred. It may throw: that defers every recipient of the attempt. It must be prepared to see
 * the same message again, because a crash between its work and the record of it repeats the
 * attempt.
 *
 * Callers: delivery/dispatcher calls it; delivery/local implements it, and SMTP will.
 */
import type { QueueEntry, RecipientState } from '../queue/entry.js';

export type RecipientResult =
  | { readonly status: 'delivered'; readonly address: string }
  | { readonly status: 'deferred' | 'failed'; readonly address: string; readonly reason: string };

export interface DeliveryTransport {
  /** Shown in facts and logs, e.g. `maildir`. */
  readonly name: string;
  /** `signal` aborts when the attempt's time is over or the process stops; then nobody listens. */
  deliver(
    entry: QueueEntry,
    recipients: readonly RecipientState[],
    signal: AbortSignal,
  ): Promise<readonly RecipientResult[]>;
}

/**
 * What the queue knows of one message, and what it knows of each recipient.
 *
 * An entry is immutable; a delivery attempt makes new recipient states and hands them to the
 * store together with the lease under which it ran. Times are milliseconds since 1970 UTC, sizes
 * are octets.
 *
 * Callers: engine (makes entries), delivery (works on them), admin (shows them). `record.ts`
 * writes and reads the stored form. Holds no state.
 */
import type { MessageBody } from '../message/body.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** `queued` and `deferred` wait for an attempt; `delivered` and `failed` are final. */
export type RecipientStatus = 'queued' | 'delivered' | 'deferred' | 'failed';

export interface RecipientState {
  /** As it was given in RCPT, without the angle brackets. */
  readonly address: string;
  readonly localPart: string;
  readonly domain: string;
  readonly state: RecipientStatus;
  /** Delivery attempts made so far. */
  readonly attempts: number;
  /** When the next attempt may start; 0 means at once. Without meaning in a final state. */
  readonly nextAttemptAt: number;
  /** Why the last attempt did not deliver; empty when there was none. */
  readonly lastReason: string;
  /** NOTIFY and ORCPT of the recipient (RFC 3461 §4), kept as the engine gave them. */
  readonly dsn: JsonObject;
}

export interface QueueEntry {
  /** Names the message everywhere, e.g. `0m7c3k9qab1x-1`; see core/ids. */
  readonly queueId: string;
  readonly sessionId: string;
  readonly receivedAt: number;
  /** Reverse path without the angle brackets; empty for the null path. */
  readonly sender: string;
  readonly recipients: readonly RecipientState[];
  /** Parameters of the transaction (BODY, SMTPUTF8, RET, ENVID, ...), as the engine gave them. */
  readonly envelope: JsonObject;
  /** The header block that leaves, CRLF line ends, ending with the blank line. */
  readonly header: Buffer;
  readonly body: MessageBody;
  /** Octets of header and body together. */
  readonly size: number;
  /** What policies keep about the message between events. */
  readonly messageState: JsonObject;
  /** No attempt starts before this time; 0 for none. */
  readonly notBefore: number;
  /** Stored, but not delivered until somebody releases it. */
  readonly hold: boolean;
}

/** A recipient nobody has tried yet. */
export function newRecipient(localPart: string, domain: string, dsn: JsonObject = {}): RecipientState {
  const address = domain === '' ? localPart : `${localPart}@${domain}`;
  return { address, localPart, domain, state: 'queued', attempts: 0, nextAttemptAt: 0, lastReason: '', dsn };
}

/** Whether a recipient still waits for an attempt. */
export function isWaiting(recipient: RecipientState): boolean {
  return recipient.state === 'queued' || recipient.state === 'deferred';
}

/** When an entry must be looked at next; `undefined` when no recipient waits. */
export function dueAt(recipients: readonly RecipientState[], notBefore: number): number | undefined {
  let due: number | undefined;
  for (const recipient of recipients) {
    if (isWaiting(recipient) && (due === undefined || recipient.nextAttemptAt < due)) {
      due = recipient.nextAttemptAt;
    }
  }
  return due === undefined ? undefined : Math.max(due, notBefore);
}

const QUEUE_ID = /^[0-9a-hjkmnp-tv-z]{12}-\d{1,6}$/;

/** Whether a text has the form of a queue id; only such texts become file names. */
export function isQueueId(text: string): boolean {
  return QUEUE_ID.test(text);
}

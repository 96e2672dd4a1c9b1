/**
 * What all handlers of one event share: the values, the message as lent by the stage, the signal.
 *
 * Callers: hooks/session-run makes one per event; handler-run and method-call work on it.
 */
import type { SigningKey } from '../checks/signatures/signing-key.js';
import type { Findings } from './findings.js';
import type { HeaderAccess, MessageAccess } from './ports.js';
import type { Layer } from './slots.js';
import type { EventName } from './table/index.js';
import type { FilterSlot } from './types.js';

export interface EventScope {
  readonly event: EventName;
  readonly layer: Layer;
  headers: HeaderAccess | undefined;
  recipients: readonly string[] | undefined;
  /** Keys with which the message is to be signed. */
  signWith: readonly SigningKey[];
  readonly chunk: Buffer | undefined;
  readonly message: MessageAccess | undefined;
  readonly findings: Findings;
  readonly filters: Readonly<Partial<Record<string, FilterSlot>>>;
  /** Aborts `controller` when the client is gone, or at once; one handler at a time has one. */
  readonly whenGone: (controller: AbortController) => void;
}

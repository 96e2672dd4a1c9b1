/**
 * A policy and its handlers as the runner, the trace and the watchdog know them.
 *
 * Callers: hooks/policy-set makes them; everything that runs or reports handlers reads them.
 */
import type { EventName } from './table/index.js';
import type { FailureMode } from './types.js';

/** A policy as the runner knows it; handlers have lost their event's type by now. */
export interface LoadedPolicy {
  readonly name: string;
  readonly file: string;
  readonly onFailure: FailureMode | undefined;
  readonly session: (() => object) | undefined;
  readonly message: (() => object) | undefined;
  /** Events it listens to, in the order of a message's life. */
  readonly events: readonly EventName[];
}

export interface MarkedHandler {
  readonly policy: LoadedPolicy;
  readonly event: EventName;
  /** Number of the handler within the set, from 1; the watchdog knows it by this. */
  readonly mark: number;
  /** Whether it belongs to a policy of our own. */
  readonly isInternal: boolean;
}

/**
 * What the watchdog thread says when a handler does not give control back.
 *
 * Callers: hooks/watchdog/dog writes it, hooks/watchdog/watchdog and the supervisor read it.
 */

export interface BlockedReport {
  readonly policy: string;
  readonly event: string;
  /** `file:line` where the loop was found; empty when the place is not in a policy. */
  readonly at: string;
  /** Milliseconds for which the thread had not answered when the report was made. */
  readonly ms: number;
  readonly pid: number;
  /** Wall time, milliseconds since 1970. */
  readonly time: number;
}

/** One handler, as the thread knows it. */
export interface MarkRow {
  readonly policy: string;
  readonly event: string;
  readonly file: string;
}

/** Messages to the thread. */
export type ToDog =
  | { readonly kind: 'marks'; readonly marks: readonly MarkRow[] }
  | { readonly kind: 'stop' };

export interface DogOptions {
  readonly memory: SharedArrayBuffer;
  readonly pid: number;
  /** Silence of the main thread that is an alarm, milliseconds. */
  readonly afterMs: number;
  /** Where the report is written for the supervisor; empty for nowhere. */
  readonly reportFile: string;
  /** Whether the process is ended after the report, so that the supervisor replaces it. */
  readonly kill: boolean;
}

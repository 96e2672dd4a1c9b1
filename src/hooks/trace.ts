/**
 * What a decision leaves behind: the record that `postern explain` turns into prose.
 *
 * A step is one event of one connection, with every handler that ran in it, or one decision of
 * the engine itself. Steps are numbered within the session; a refusing reply quotes the number.
 * Records are plain JSON and hold no secrets.
 *
 * Callers: hooks/session-run writes, `trace/` stores, cli/explain reads. The sink never blocks
 * and never throws.
 */
import type { VariableValue } from './ports.js';

export interface TraceCall {
  readonly method: string;
  readonly args: readonly unknown[];
  /** What the method answered, or `{ error }`. */
  readonly result: unknown;
  readonly ms: number;
}

export interface TraceHandler {
  readonly policy: string;
  readonly ms: number;
  readonly reads: Readonly<Record<string, VariableValue>>;
  readonly writes: Readonly<Record<string, VariableValue>>;
  readonly calls: readonly TraceCall[];
  /** Header and recipient changes in words, e.g. `addHeader X-Spam: yes`. */
  readonly edits: readonly string[];
  /** `none`, the smtpAction left by the handler, or `failed`. */
  readonly verdict: string;
  readonly failure?: { readonly code: string; readonly message: string; readonly at?: string };
}

export interface TraceStep {
  readonly n: number;
  /** Milliseconds since the session began. */
  readonly at: number;
  /** Event name, or the engine's moment, e.g. `RCPT`. */
  readonly event: string;
  /** For an event: its handlers in the order in which they ran. */
  readonly handlers?: readonly TraceHandler[];
  /** Final action and text of the event. */
  readonly action?: string;
  readonly explanation?: string;
  readonly decidedBy?: string;
  /** For a decision of the engine. */
  readonly reason?: string;
  readonly text?: string;
  readonly queueId?: string | undefined;
  readonly messageId?: string | undefined;
}

/** One session's steps up to now; a long session is written in several records. */
export interface TraceRecord {
  readonly v: 1;
  readonly session: string;
  /** Wall time of the session's start, milliseconds since 1970. */
  readonly time: number;
  readonly listener: string;
  readonly remoteIp: string;
  readonly steps: readonly TraceStep[];
  /** Set in the session's last record. */
  readonly closed?: string | undefined;
}

export interface TraceSink {
  write(record: TraceRecord): void;
}

/** Keeps nothing. */
export const noTraces: TraceSink = {
  write() {
    // Tracing is off: records are dropped by purpose.
  },
};

/**
 * When a recipient is tried again, and when it is given up (RFC 5321 §4.5.4.1).
 *
 * Pure. The delay doubles from the first retry up to a ceiling, with a jitter of a tenth so that
 * a returning destination is not met by everything at once. The attempt that would fall behind
 * the end of the lifetime is made at the end, so that each message has one last chance.
 *
 * Callers: delivery/dispatcher.
 */

export interface RetrySettings {
  /** Delay before the first retry. Milliseconds, default 5 minutes. */
  readonly firstRetryMs: number;
  /** Longest delay between two attempts. Milliseconds, default 8 hours. */
  readonly maxRetryMs: number;
  /** How long after acceptance attempts go on. Milliseconds, default 7 days. */
  readonly lifetimeMs: number;
}

export const DEFAULT_RETRY: RetrySettings = {
  firstRetryMs: 300_000,
  maxRetryMs: 28_800_000,
  lifetimeMs: 604_800_000,
};

export type NextAttempt = { readonly status: 'retry'; readonly at: number } | { readonly status: 'give-up' };

export interface AttemptHistory {
  /** Attempts made, the one that has just ended included; 1 or more. */
  readonly attempts: number;
  readonly receivedAt: number;
  readonly now: number;
  /** A drawn number from 0 up to, not including, 1. */
  readonly chance: number;
}

/** How many doublings are worth computing; the ceiling is reached long before. */
const MOST_DOUBLINGS = 40;

export function nextAttempt(history: AttemptHistory, settings: RetrySettings): NextAttempt {
  const end = history.receivedAt + settings.lifetimeMs;
  if (history.now >= end) return { status: 'give-up' };
  const doublings = Math.min(Math.max(history.attempts - 1, 0), MOST_DOUBLINGS);
  const delay = Math.min(settings.firstRetryMs * 2 ** doublings, settings.maxRetryMs);
  const jittered = Math.round(delay * (0.9 + 0.2 * history.chance));
  return { status: 'retry', at: Math.min(history.now + jittered, end) };
}

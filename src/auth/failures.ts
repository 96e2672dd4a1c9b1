/**
 * The wrong passwords of one client: how many are recent, how long it must wait, whether it is
 * locked out.
 *
 * Holds at most `maxFailures` records of a fixed size; of a user's name it keeps a short digest,
 * because names come from strangers and may be long. Times are monotonic milliseconds.
 *
 * Callers: auth/attempts. Nothing here throws.
 */
import { createHash } from 'node:crypto';

export interface FailureLimits {
  /** Wrong passwords within `windowMs` that lock the client out; at least 1. Default 10. */
  readonly maxFailures: number;
  /** How long a wrong password counts. Default 10 minutes. */
  readonly windowMs: number;
  /** How long the client is refused then. Default 10 minutes. */
  readonly lockMs: number;
  /** Wait after the first wrong password; it doubles with each one. Default 1 s. */
  readonly firstDelayMs: number;
  /** Longest wait. Default 10 s. */
  readonly maxDelayMs: number;
}

export interface Failures {
  add(user: string, now: number): void;
  /** Drops the failures of one user, who has shown the right password. */
  forgive(user: string): void;
  /** Failures that still count. */
  count(now: number): number;
  /** Milliseconds until the next attempt may be looked at. */
  delayMs(now: number): number;
  /** Milliseconds until the lock ends; 0 when there is none. */
  lockedMs(now: number): number;
  /** Whether there is nothing left to remember. */
  isClear(now: number): boolean;
}

interface Failure {
  readonly at: number;
  readonly user: string;
}

function digestOf(user: string): string {
  return createHash('sha256').update(user).digest('base64url').slice(0, 12);
}

export function createFailures(limits: FailureLimits): Failures {
  let recent: readonly Failure[] = [];
  let lockedUntil = 0;

  function prune(now: number): readonly Failure[] {
    if (recent.some(({ at }) => at + limits.windowMs <= now)) {
      recent = recent.filter(({ at }) => at + limits.windowMs > now);
    }
    return recent;
  }

  return {
    add(user, now) {
      recent = [...prune(now), { at: now, user: digestOf(user) }];
      if (recent.length < limits.maxFailures) return;
      lockedUntil = now + limits.lockMs;
      // The lock stands for them; after it the client begins anew.
      recent = [];
    },
    forgive(user) {
      if (recent.length === 0) return;
      const digest = digestOf(user);
      recent = recent.filter((failure) => failure.user !== digest);
    },
    count: (now) => prune(now).length,
    delayMs(now) {
      const failures = prune(now);
      const last = failures.at(-1);
      if (!last) return 0;
      const delay = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (failures.length - 1));
      return Math.max(0, last.at + delay - now);
    },
    lockedMs: (now) => Math.max(0, lockedUntil - now),
    isClear: (now) => lockedUntil <= now && prune(now).length === 0,
  };
}

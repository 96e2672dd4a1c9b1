/**
 * Checks in trouble, as lines of the log: at most one a minute for each check.
 *
 * While DNS is down every session has one, and the log would fill the disk. The line tells the
 * reason of the latest and for how many it stands; those after the last line wait for the next
 * trouble, and the counter of checks has them all. Names of checks are ours, so the memory is too.
 *
 * Callers: app/log-facts.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';

const MINUTE = 60_000;

interface Told {
  /** When the last line was written; by the clock that measures. */
  at: number;
  /** Troubles since then. */
  count: number;
}

export function logTroubles(facts: FactBus, log: Logger, clock: Clock): void {
  const lines = new Map<string, Told>();
  facts.subscribe('check.trouble', ({ check, status, reason }) => {
    const now = clock.elapsed();
    let last = lines.get(check);
    if (!last) {
      last = { at: Number.NEGATIVE_INFINITY, count: 0 };
      lines.set(check, last);
    }
    last.count += 1;
    if (now - last.at < MINUTE) return;
    log.warn('a check came to no result', { check, status, reason, times: last.count });
    last.at = now;
    last.count = 0;
  });
}

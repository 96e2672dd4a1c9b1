/**
 * Checks in trouble, as lines of the log: at most one a minute for each check, and for each block list
 * of the settings.
 *
 * While DNS is down every session has one, and the log would fill the disk. The line tells the
 * reason of the latest and for how many it stands; those after the last line wait for the next
 * trouble, and the counters have them all. Names of checks are ours and lists the administrator's, so
 * strangers fill no memory.
 *
 * Callers: app/log-facts.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { LogFields, Logger } from '../core/log.js';

const MINUTE = 60_000;

interface Told {
  /** When the last line was written; by the clock that measures. */
  at: number;
  /** Troubles since then. */
  count: number;
}

/** Writes a line, or only counts it, where there was one for the same key within the last minute. */
type WriteLine = (key: string, text: string, fields: LogFields) => void;

function oncePerMinute(log: Logger, clock: Clock): WriteLine {
  const lines = new Map<string, Told>();
  return (key, text, fields) => {
    const now = clock.elapsed();
    let last = lines.get(key);
    if (!last) {
      last = { at: Number.NEGATIVE_INFINITY, count: 0 };
      lines.set(key, last);
    }
    last.count += 1;
    if (now - last.at < MINUTE) return;
    log.warn(text, { ...fields, times: last.count });
    last.at = now;
    last.count = 0;
  };
}

export function logTroubles(facts: FactBus, log: Logger, clock: Clock): void {
  const ofCheck = oncePerMinute(log, clock);
  facts.subscribe('check.trouble', ({ check, status, reason }) => {
    ofCheck(check, 'a check came to no result', { check, status, reason });
  });
  const ofList = oncePerMinute(log, clock);
  facts.subscribe('blocklist.failed', (body) => {
    ofList(body.zone, 'a block list gave no answer; the client is not refused for it', { ...body });
  });
}

/**
 * delayDelivery: until when a message is held (policy surface: an RFC 5322 date, or `+1h 30m 10s`).
 *
 * Of the parts of a relative delay any may be left out, in this order; a bare number counts
 * seconds. A text that says no time is `undefined`, and the caller reports it.
 *
 * Callers: engine/accept.
 */
import { parseDate } from '../../message/date.js';

const RELATIVE = /^\+?\s*(?:(\d{1,6})\s*h)?\s*(?:(\d{1,6})\s*m)?\s*(?:(\d{1,9})\s*s?)?$/i;

/** Milliseconds since 1970 UTC before which no delivery starts; `now` likewise. */
export function parseDelay(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  const match = trimmed.length <= 40 ? RELATIVE.exec(trimmed) : null;
  if (!match) return parseDate(trimmed);
  const [, hours, minutes, seconds] = match;
  if (hours === undefined && minutes === undefined && seconds === undefined) return undefined;
  return now + ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
}

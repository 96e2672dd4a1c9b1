/**
 * Dates of message headers (RFC 5322 §3.3): written in UTC, read in every form of the standard.
 *
 * Callers: received.ts, engine (delayDelivery), NDR. A text that is no date is `undefined`.
 */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `Sat, 21 Nov 2026 07:22:17 +0000`; `ms` since 1970 UTC. */
export function formatDate(ms: number): string {
  const d = new Date(ms);
  const day = `${DAYS[d.getUTCDay()]}, ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  return `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000`;
}

const DATE =
  /^(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+([+-]\d{4}|[A-Za-z]{1,5})(?:\s*\([^()]*\))?$/;
/** RFC 5322 §4.3: zone names that still appear, in hours. */
const ZONES: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/** Minutes east of Greenwich; unknown names count as UTC (RFC 5322 §4.3). */
function zoneMinutes(zone: string): number {
  const sign = zone.startsWith('-') ? -1 : 1;
  if (/^[+-]/.test(zone)) return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5)));
  return (ZONES[zone.toUpperCase()] ?? 0) * 60;
}

/** RFC 5322 §4.3: two digits below 50 are of this century, other short years count from 1900. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length >= 4) return year;
  return text.length === 2 && year < 50 ? year + 2000 : year + 1900;
}

function inRange(value: string | undefined, least: number, most: number): boolean {
  return Number(value ?? 0) >= least && Number(value ?? 0) <= most;
}

/** Milliseconds since 1970 UTC of an RFC 5322 date. */
export function parseDate(text: string): number | undefined {
  const match = text.length > 100 ? null : DATE.exec(text.trim());
  if (!match) return undefined;
  const [, day, monthName, year, hour, minute, second, zone] = match;
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthName?.toLowerCase());
  const valid =
    month >= 0 &&
    inRange(day, 1, 31) &&
    inRange(hour, 0, 23) &&
    inRange(minute, 0, 59) &&
    inRange(second, 0, 60);
  if (!valid || year === undefined || zone === undefined) return undefined;
  const at = Date.UTC(fullYear(year), month, Number(day), Number(hour), Number(minute), Number(second ?? 0));
  return at - zoneMinutes(zone) * 60_000;
}

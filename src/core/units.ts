/**
 * Durations and sizes as people write them: `5m`, `30s`, `10MB`, `64K`.
 *
 * A duration is held in milliseconds, a size in octets; both stay integers. A plain number is
 * seconds for a duration and octets for a size. Size units are powers of 1024 whether they are
 * written `K`, `KB` or `KiB`. Reading gives `undefined` for text that is neither.
 *
 * Callers: app (settings), cli, metrics. Nothing here throws.
 */

/** A length of time in milliseconds. */
export type Milliseconds = number;
/** A number of octets. */
export type Octets = number;

const MS_OF: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

const OCTETS_OF: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1_048_576],
  ['g', 1_073_741_824],
  ['t', 1_099_511_627_776],
]);

/** Digits with at most one fraction, then a unit; the bounds keep the match linear and exact. */
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?) ?(ms|s|m|h|d|w)?$/;
const SIZE = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgt]?)(?:i?b)?$/;

function whole(value: number): number | undefined {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

/** Reads `90`, `30s`, `1.5h`, `250ms`; the answer is in milliseconds. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = DURATION.exec(text.trim().toLowerCase());
  if (match?.[1] === undefined) return undefined;
  return whole(Number(match[1]) * (MS_OF.get(match[2] ?? 's') ?? 1000));
}

/** Reads `512`, `64K`, `10MB`, `1.5GiB`; the answer is in octets. */
export function parseSize(text: string): Octets | undefined {
  const match = SIZE.exec(text.trim().toLowerCase());
  if (match?.[1] === undefined) return undefined;
  return whole(Number(match[1]) * (OCTETS_OF.get(match[2] ?? '') ?? 1));
}

/** The shortest exact spelling: 300000 is `5m`, 90000 is `90s`, 0 is `0s`. */
export function formatDuration(ms: Milliseconds): string {
  if (ms === 0) return '0s';
  const fitting = [...MS_OF].filter(([unit, factor]) => unit !== 'w' && ms % factor === 0);
  const [unit, factor] = fitting.at(-1) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

/** The shortest exact spelling: 10485760 is `10MB`, 65536 is `64KB`, 1000 is `1000B`. */
export function formatSize(octets: Octets): string {
  if (octets === 0) return '0B';
  const fitting = [...OCTETS_OF].filter(([, factor]) => octets % factor === 0);
  const [unit, factor] = fitting.at(-1) ?? ['', 1];
  return `${octets / factor}${unit.toUpperCase()}B`;
}

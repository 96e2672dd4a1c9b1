/**
 * Numbers and durations that a policy gives as arguments.
 *
 * Callers: methods that take them. What is not as asked is misuse, with a text that names the
 * argument, its bounds and what was given.
 */
import { formatDuration, type Milliseconds, parseDuration } from '../../core/units.js';
import { type MethodCall, misuse } from './method.js';

export interface Bounds {
  /** As the policy knows it. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Longest piece of a wrong argument that a message repeats, characters. */
const SHOWN = 40;

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN));
  return typeof value === 'number' ? String(value) : typeof value;
}

export function wholeNumber(call: MethodCall, value: unknown, { name, min, max }: Bounds): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw misuse(call, `${name} is a whole number from ${min} to ${max}, not ${shown(value)}`);
}

function milliseconds(value: unknown): Milliseconds | undefined {
  if (typeof value === 'string') return parseDuration(value);
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1000) : undefined;
}

/** The bounds are in milliseconds, as the answer is. */
export function duration(call: MethodCall, value: unknown, { name, min, max }: Bounds): Milliseconds {
  const ms = milliseconds(value);
  if (ms !== undefined && ms >= min && ms <= max) return ms;
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  throw misuse(
    call,
    `${name} is a duration such as "5m", or a number of seconds, ${range}, not ${shown(value)}`,
  );
}

/** An object of options with known names; none at all is an empty one. */
export function options<Name extends string>(
  call: MethodCall,
  value: unknown,
  known: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (value === undefined) return {} as Readonly<Partial<Record<Name, unknown>>>;
  if (typeof value !== 'object' || value === null) throw misuse(call, `takes { ${known.join(', ')} }`);
  const stranger = Object.keys(value).find((name) => !(known as readonly string[]).includes(name));
  if (stranger === undefined) return value as Readonly<Partial<Record<Name, unknown>>>;
  throw misuse(call, `has no option ${shown(stranger)}; known: ${known.join(', ')}`);
}

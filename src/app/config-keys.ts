/**
 * The names of settings: `listeners[0].port` in texts, `POSTERN_LISTENERS__0__PORT` in the
 * environment, and the way from either to the row of the table.
 *
 * Callers: the config files of this folder, cli, scripts/gen.
 */
import { nearest } from '../core/suggest.js';
import type { Step } from './config-raw.js';
import { SETTINGS } from './config-schema.js';
import type { ObjectSpec, SettingSpec } from './config-spec.js';

export const ENVIRONMENT_PREFIX = 'POSTERN_';

/** The whole table as one row. */
export const ROOT: ObjectSpec = { kind: 'object', doc: 'The configuration of Postern.', fields: SETTINGS };

/** `listeners[0].port` from `listeners`, 0, `port`. */
export function joinKey(parent: string, step: string | number): string {
  if (typeof step === 'number') return `${parent}[${step}]`;
  return parent === '' ? step : `${parent}.${step}`;
}

/** The steps of `listeners[0].port` or `listeners.0.port`. */
export function splitKey(key: string): string[] {
  return key.split(/[.[\]]/).filter((part) => part !== '');
}

/** `dataDir` is `DATA_DIR` in the environment. */
export function environmentWord(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

export interface FoundSetting {
  readonly steps: readonly Step[];
  readonly spec: SettingSpec;
  readonly key: string;
}

function stepInto(spec: SettingSpec, word: string, spell: (name: string) => string): Step | undefined {
  if (spec.kind === 'list') return /^\d{1,6}$/.test(word) ? { at: Number(word), spec: spec.item } : undefined;
  if (spec.kind !== 'object') return undefined;
  const found = Object.entries(spec.fields).find(([name]) => spell(name) === word);
  return found ? { at: found[0], spec: found[1] } : undefined;
}

/** Finds a row by its words, `undefined` when there is none; `spell` says how a field is written there. */
export function findSetting(
  words: readonly string[],
  spell: (name: string) => string = (name) => name,
): FoundSetting | undefined {
  let spec: SettingSpec = ROOT;
  let key = '';
  const steps: Step[] = [];
  for (const word of words) {
    const step = stepInto(spec, word, spell);
    if (!step) return undefined;
    steps.push(step);
    key = joinKey(key, step.at);
    spec = step.spec;
  }
  return steps.length === 0 ? undefined : { steps, spec, key };
}

/** A row of the table with its key; places in lists are written `[]`. */
export interface NamedRow {
  readonly key: string;
  readonly spec: SettingSpec;
}

/** Every row that holds a value or a list of values, in the order of the table. */
export function* leafRows(spec: SettingSpec = ROOT, key = ''): Generator<NamedRow> {
  if (spec.kind === 'list' && spec.item.kind === 'object') yield* leafRows(spec.item, `${key}[]`);
  else if (spec.kind !== 'object') yield { key, spec };
  else for (const [name, below] of Object.entries(spec.fields)) yield* leafRows(below, joinKey(key, name));
}

/** Letters only, small: the same for `metrics.port`, `METRICS__PORT` and `METRICS_PORT`. */
function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

function lastWord(name: string): string {
  return letters(name.split(/[.\]]|__/).at(-1) ?? '');
}

/** Fewer letters begin too many names. */
const SHORTEST_BEGINNING = 4;

/**
 * The known name that a wrong one was meant for: spelled otherwise, mistyped, given without its
 * section, or cut short.
 */
export function meantName(wrong: string, known: readonly string[]): string | undefined {
  const wanted = letters(wrong);
  if (wanted === '') return undefined;
  return (
    known.find((name) => letters(name) === wanted) ??
    nearest(wrong, known) ??
    known.find((name) => lastWord(name) === wanted) ??
    known.find((name) => wanted.length >= SHORTEST_BEGINNING && lastWord(name).startsWith(wanted))
  );
}

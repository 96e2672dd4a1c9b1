/**
 * Checks the tree of what was written against the table and fills in the defaults.
 *
 * One walk over the rows. It goes on after a mistake, so that everything wrong is told at once.
 * A value that is wrong leaves `undefined` in the result; the result is a Config only when
 * `problems` stayed empty, and the caller holds to that.
 *
 * Callers: load-config. Nothing here throws.
 */
import type { ConfigError } from '../core/errors.js';
import { chooseDefault } from './config-defaults.js';
import { joinKey, leafRows, meantName, ROOT } from './config-keys.js';
import { FROM_DEFAULT, nearestOrigin, type Origin, unknownProblem, valueProblem } from './config-origin.js';
import { fromPlain, type Raw, rawScalar } from './config-raw.js';
import { readScalar } from './config-scalars.js';
import type { ListSpec, ObjectSpec, ScalarSpec, SettingSpec } from './config-spec.js';

export interface Resolution {
  /** Absolute folder from which relative paths count. */
  readonly folder: string;
  /** A valid host name for this machine. */
  readonly machine: string;
  readonly problems: ConfigError[];
  readonly origins: Map<string, Origin>;
  /** Values of the settings so far, by key; defaults refer to them. */
  readonly known: Map<string, unknown>;
}

/** Checks the whole tree. */
export function resolveSettings(raw: Raw, into: Resolution): unknown {
  return resolveObject(ROOT, raw, '', into);
}

function resolveRow(spec: SettingSpec, raw: Raw | undefined, key: string, into: Resolution): unknown {
  if (key !== '') into.origins.set(key, raw?.origin ?? FROM_DEFAULT);
  if (spec.kind === 'object') return resolveObject(spec, raw, key, into);
  if (spec.kind === 'list') return resolveList(spec, raw, key, into);
  return resolveScalar(spec, raw, key, into);
}

function suggestionFor(spec: ObjectSpec, name: string, key: string): string {
  const everywhere = [...leafRows()].map((row) => row.key);
  const sibling = meantName(name, Object.keys(spec.fields));
  const meant = sibling === undefined ? meantName(name, everywhere) : joinKey(key, sibling);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** The entries of a section; none when it is left out or empty, `undefined` when it is no section. */
function entriesOf(raw: Raw | undefined): ReadonlyMap<string, Raw> | undefined {
  if (raw?.kind === 'map') return raw.entries;
  const absent = raw === undefined || (raw.kind === 'scalar' && raw.value === null);
  return absent ? new Map() : undefined;
}

function resolveObject(spec: ObjectSpec, raw: Raw | undefined, key: string, into: Resolution): unknown {
  const entries = entriesOf(raw);
  if (!entries) {
    const reason = 'expected settings written as "name: value" below it';
    into.problems.push(valueProblem(raw?.origin ?? FROM_DEFAULT, key, reason));
    return undefined;
  }
  for (const [name, node] of entries) {
    if (Object.hasOwn(spec.fields, name)) continue;
    into.problems.push(unknownProblem(node.origin, joinKey(key, name), suggestionFor(spec, name, key)));
  }
  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(spec.fields)) {
    values[name] = resolveRow(row, entries.get(name), joinKey(key, name), into);
  }
  return Object.freeze(values);
}

function resolveList(spec: ListSpec, raw: Raw | undefined, key: string, into: Resolution): unknown {
  const list = raw ?? fromPlain(spec.default, FROM_DEFAULT);
  if (list.kind !== 'list') {
    const reason = 'expected a list: one "- item" a line, or [item, item]';
    into.problems.push(valueProblem(list.origin, key, reason));
    return undefined;
  }
  const { length } = list.items;
  const least = spec.minItems ?? 0;
  if (length < least || length > spec.maxItems) {
    const reason = length < least ? `needs at least ${least}` : `may have at most ${spec.maxItems}`;
    into.problems.push(valueProblem(list.origin, key, `has ${length} items; it ${reason}`));
    return undefined;
  }
  const values = list.items.map((item, index) => resolveRow(spec.item, item, joinKey(key, index), into));
  into.known.set(key, values);
  return Object.freeze(values);
}

/** What a default of `key` may refer to: a setting beside it, one of the whole file, or the machine's name. */
function finderFor(key: string, into: Resolution): (name: string) => unknown {
  const section = key.slice(0, Math.max(0, key.lastIndexOf('.')));
  return (name) => {
    if (name === 'machine') return into.machine;
    return into.known.get(joinKey(section, name)) ?? into.known.get(name);
  };
}

function defaultNode(spec: ScalarSpec, key: string, into: Resolution): Raw {
  const { value, by } = chooseDefault(spec, finderFor(key, into));
  const origin: Origin = by === undefined ? FROM_DEFAULT : { from: 'default', by };
  into.origins.set(key, origin);
  return rawScalar(value, origin, false);
}

function resolveScalar(spec: ScalarSpec, raw: Raw | undefined, key: string, into: Resolution): unknown {
  const node = raw ?? defaultNode(spec, key, into);
  if (node.kind !== 'scalar') {
    into.problems.push(
      valueProblem(node.origin, key, `expected one value, got a ${node.kind === 'map' ? 'section' : 'list'}`),
    );
    return undefined;
  }
  const reading = readScalar(spec, node.value, { loose: node.loose, folder: into.folder });
  if (!reading.ok) {
    // A default that is none: the item of a list lacks a value that it must have.
    const origin = node.origin.from === 'default' ? nearestOrigin(key, into.origins) : node.origin;
    into.problems.push(valueProblem(origin, key, reading.reason));
    return undefined;
  }
  into.known.set(key, reading.value);
  return reading.value;
}

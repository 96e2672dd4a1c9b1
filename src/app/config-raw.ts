/**
 * Settings before they are checked: a tree of what somebody wrote, each node with its origin.
 *
 * The file, the environment and options all become this tree, so that one walk checks them all.
 * Maps are `Map`s: a key such as `__proto__` is only a word here. Depth and size are bounded
 * where the tree is made.
 *
 * Callers: the config files of this folder.
 */
import { FROM_DEFAULT, type Origin } from './config-origin.js';
import type { SettingSpec } from './config-spec.js';

export interface RawScalar {
  readonly kind: 'scalar';
  readonly value: unknown;
  /** Written where only text exists (environment, command line): `8` and `true` are read from the text. */
  readonly loose: boolean;
  readonly origin: Origin;
}
export interface RawList {
  readonly kind: 'list';
  readonly items: Raw[];
  readonly origin: Origin;
}
export interface RawMap {
  readonly kind: 'map';
  readonly entries: Map<string, Raw>;
  readonly origin: Origin;
}
export type Raw = RawScalar | RawList | RawMap;

/** Deeper than any setting; what lies below is taken for one wrong value. */
export const DEEPEST = 16;

export function rawScalar(value: unknown, origin: Origin, loose: boolean): RawScalar {
  return { kind: 'scalar', value, origin, loose };
}

export function emptyMap(origin: Origin): RawMap {
  return { kind: 'map', entries: new Map(), origin };
}

/** A tree of a plain value, such as parsed JSON; an entry that is `undefined` counts as left out. */
export function fromPlain(value: unknown, origin: Origin, depth = 0): Raw {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return rawScalar(value, origin, false);
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => fromPlain(item, origin, depth + 1)), origin };
  }
  const map = emptyMap(origin);
  for (const [name, entry] of Object.entries(value)) {
    if (entry !== undefined) map.entries.set(name, fromPlain(entry, origin, depth + 1));
  }
  return map;
}

function sameKind(spec: SettingSpec | undefined, origin: Origin): Raw {
  if (spec?.kind === 'list') return fromPlain(spec.default, FROM_DEFAULT);
  return emptyMap(origin);
}

/** The child at `step`, made from the defaults when nobody wrote one; `undefined` when it cannot be. */
function descend(
  node: Raw,
  step: string | number,
  spec: SettingSpec | undefined,
  origin: Origin,
): Raw | undefined {
  if (node.kind === 'map' && typeof step === 'string') {
    const found = node.entries.get(step);
    if (found && !(found.kind === 'scalar' && found.value === null)) return found;
    const made = sameKind(spec, origin);
    node.entries.set(step, made);
    return made;
  }
  if (node.kind === 'list' && typeof step === 'number') {
    const found = node.items[step];
    if (found || step !== node.items.length) return found;
    const made = sameKind(spec, origin);
    node.items.push(made);
    return made;
  }
  return undefined;
}

/** One step of a path: a field or a place in a list, and the row found there. */
export interface Step {
  readonly at: string | number;
  readonly spec: SettingSpec;
}

/**
 * Puts `leaf` at the end of `steps`, replacing what was there. A place just past the end of a list
 * adds an item. Answers what prevented it; a node of the wrong kind on the way prevents nothing,
 * because the walk that checks the tree complains about that node itself.
 */
export function putRaw(root: RawMap, steps: readonly Step[], leaf: Raw): string | undefined {
  let node: Raw = root;
  for (const step of steps.slice(0, -1)) {
    const next = descend(node, step.at, step.spec, leaf.origin);
    if (!next) return outOfRange(node, step.at);
    node = next;
  }
  const last = steps.at(-1)?.at;
  if (node.kind === 'map' && typeof last === 'string') node.entries.set(last, leaf);
  else if (node.kind === 'list' && typeof last === 'number' && last <= node.items.length)
    node.items[last] = leaf;
  else if (last !== undefined) return outOfRange(node, last);
  return undefined;
}

function outOfRange(node: Raw, at: string | number): string | undefined {
  if (node.kind !== 'list' || typeof at !== 'number') return undefined;
  return `there is no item ${at}; the list has ${node.items.length}, counted from 0`;
}

/** Lays `top` over `base`: maps join, everything else is replaced. */
export function mergeRaw(base: RawMap, top: RawMap): void {
  for (const [name, node] of top.entries) {
    const below = base.entries.get(name);
    if (below?.kind === 'map' && node.kind === 'map') mergeRaw(below, node);
    else base.entries.set(name, node);
  }
}

/**
 * Settings from environment variables and from `--set key=value`.
 *
 * `POSTERN_DATA_DIR` is `dataDir`; two underscores go one step down: `POSTERN_QUEUE__MAX_RETRY`,
 * `POSTERN_LISTENERS__0__PORT`. A list is given with commas, or as JSON when it begins with `[`.
 * A variable with our prefix that is no setting is refused: a misspelt one would otherwise be
 * silently without effect. Variables that container platforms make for a service of the name
 * "postern" are left alone.
 *
 * Callers: load-config. Nothing here throws.
 */
import type { ConfigError } from '../core/errors.js';
import {
  ENVIRONMENT_PREFIX,
  environmentWord,
  findSetting,
  leafRows,
  meantName,
  splitKey,
} from './config-keys.js';
import { type Origin, valueProblem } from './config-origin.js';
import { fromPlain, putRaw, type Raw, type RawMap, rawScalar } from './config-raw.js';
import type { SettingSpec } from './config-spec.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file; it is no setting itself. */
export const CONFIG_VARIABLE = 'POSTERN_CONFIG';

/** One setting given beside the file. */
export interface Override {
  /** `listeners[0].port`, `dataDir`. */
  readonly key: string;
  /** Text is read as in the environment; other values are taken as they are. */
  readonly value: unknown;
  /** How its user calls it: `--port`. */
  readonly name: string;
}

/** Made by container platforms beside a service called "postern"; they are not meant for us. */
const SERVICE_VARIABLE =
  /^POSTERN_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]{1,64})?|PORT_\d{1,5}_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

function isForeign(name: string, value: string): boolean {
  return SERVICE_VARIABLE.test(name) || (name === 'POSTERN_PORT' && /^(?:tcp|udp|sctp):\/\//.test(value));
}

/** The variable of a setting; places in lists are shown as 0. */
export function environmentName(key: string): string {
  return ENVIRONMENT_PREFIX + splitKey(key.replaceAll('[]', '[0]')).map(environmentWord).join('__');
}

/** Lays the variables over the tree. */
export function applyEnvironment(root: RawMap, environment: Environment): ConfigError[] {
  const problems: ConfigError[] = [];
  const names = Object.keys(environment).filter((name) => name.startsWith(ENVIRONMENT_PREFIX));
  // In order of the names, so that item 0 of a list is there before item 1.
  for (const name of names.sort(byNumber)) {
    const value = environment[name];
    if (value === undefined || name === CONFIG_VARIABLE || isForeign(name, value)) continue;
    const origin: Origin = { from: 'environment', name };
    const words = name.slice(ENVIRONMENT_PREFIX.length).split('__');
    const found = findSetting(words, environmentWord);
    if (!found) {
      problems.push(unknownVariable(origin, name));
      continue;
    }
    const reason = put(root, found, value, origin);
    if (reason !== undefined) problems.push(valueProblem(origin, found.key, reason));
  }
  return problems;
}

const COLLATOR = new Intl.Collator('en', { numeric: true });
function byNumber(left: string, right: string): number {
  return COLLATOR.compare(left, right);
}

function unknownVariable(origin: Origin, name: string): ConfigError {
  const known = [...leafRows()].map((row) => environmentName(row.key).slice(ENVIRONMENT_PREFIX.length));
  const meant = meantName(name.slice(ENVIRONMENT_PREFIX.length), known);
  const hint = meant === undefined ? '' : `; did you mean ${ENVIRONMENT_PREFIX}${meant}?`;
  return valueProblem(origin, '', `there is no such setting${hint}`);
}

/** Lays options over the tree, in their order. */
export function applyOverrides(root: RawMap, overrides: readonly Override[]): ConfigError[] {
  const problems: ConfigError[] = [];
  for (const { key, value, name } of overrides) {
    const origin: Origin = { from: 'override', name };
    const found = findSetting(splitKey(key));
    if (!found) {
      const meant = meantName(
        key,
        [...leafRows()].map((row) => row.key.replaceAll('[]', '[0]')),
      );
      const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
      problems.push(valueProblem(origin, key, `there is no such setting${hint}`));
      continue;
    }
    const reason = put(root, found, value, origin);
    if (reason !== undefined) problems.push(valueProblem(origin, found.key, reason));
  }
  return problems;
}

type Found = NonNullable<ReturnType<typeof findSetting>>;
type TextReading = { readonly node: Raw } | { readonly reason: string };

/** Answers why the value could not be put there, or nothing. */
function put(root: RawMap, found: Found, value: unknown, origin: Origin): string | undefined {
  const reading =
    typeof value === 'string' ? fromText(found.spec, value, origin) : { node: fromPlain(value, origin) };
  return 'node' in reading ? putRaw(root, found.steps, reading.node) : reading.reason;
}

function fromText(spec: SettingSpec, text: string, origin: Origin): TextReading {
  const trimmed = text.trim();
  if (spec.kind !== 'list' && spec.kind !== 'object') return { node: rawScalar(trimmed, origin, true) };
  if (trimmed.startsWith('[') || trimmed.startsWith('{')) return fromJson(trimmed, origin);
  if (spec.kind === 'object') return { reason: 'expected JSON that begins with {' };
  if (spec.item.kind === 'object') return { reason: 'expected JSON that begins with [' };
  const items = trimmed === '' ? [] : trimmed.split(',');
  return { node: { kind: 'list', items: items.map((item) => rawScalar(item.trim(), origin, true)), origin } };
}

function fromJson(text: string, origin: Origin): TextReading {
  try {
    return { node: fromPlain(JSON.parse(text), origin) };
  } catch {
    return { reason: 'the JSON cannot be read; check quotes and brackets' };
  }
}

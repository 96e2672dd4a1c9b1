/**
 * The one way to a configuration: defaults, file, environment, host program, options.
 *
 * Later ones win. Every setting is checked against the table, everything wrong is told at once,
 * and each value remembers where it came from. The result is frozen. Reading is synchronous: it
 * happens once, before anything else runs.
 *
 * Callers: app/compose, cli, index.ts. `readConfig` answers a value; `loadConfig` throws
 * InvalidConfigError instead.
 */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../core/errors.js';
import { crossCheck } from './config-cross-checks.js';
import {
  applyEnvironment,
  applyOverrides,
  CONFIG_VARIABLE,
  type Environment,
  type Override,
} from './config-environment.js';
import { readConfigFile } from './config-file.js';
import { FROM_DEFAULT, type Origin, type Provenance, valueProblem } from './config-origin.js';
import { emptyMap, fromPlain, mergeRaw, type RawMap } from './config-raw.js';
import { type Resolution, resolveSettings } from './config-resolve.js';
import { readHostname } from './config-scalars.js';
import type { Config, ConfigInput } from './config-types.js';

/** Read when nobody names a file. */
export const DEFAULT_FILE = 'postern.yaml';

export interface LoadOptions {
  /**
   * The configuration file; it must exist. `null` reads none. Left out, POSTERN_CONFIG names it,
   * and otherwise `postern.yaml` in `cwd` is read when it is there.
   */
  readonly file?: string | null;
  /** Folder from which a relative `file` counts, and relative paths when there is no file. Default: the process's. */
  readonly cwd?: string;
  /** Variables to look at, usually `process.env`. Default: none. */
  readonly environment?: Environment;
  /** Settings of a host program; they win over file and environment. */
  readonly settings?: ConfigInput;
  /** Single settings, such as options of the command line; they win over everything. */
  readonly overrides?: readonly Override[];
  /** Name of the machine. Default: what the system says. */
  readonly machine?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly provenance: Provenance;
  /** The file that was read, as it was named; `undefined` when there was none. */
  readonly file: string | undefined;
}

export type ConfigOutcome =
  | ({ readonly status: 'valid' } & LoadedConfig)
  | {
      readonly status: 'invalid';
      readonly file: string | undefined;
      readonly problems: readonly ConfigError[];
    };

/** Everything that is wrong with a configuration; code and detail are those of the first problem. */
export class InvalidConfigError extends ConfigError {
  readonly problems: readonly ConfigError[];

  constructor(first: ConfigError, problems: readonly ConfigError[]) {
    super(first.code, { detail: first.detail });
    this.message = problems.map((problem) => problem.message).join('\n');
    this.problems = problems;
  }
}

/** The file to read: absolute, and as messages name it. */
function chooseFile(options: LoadOptions, cwd: string): { path: string; name: string } | undefined {
  if (options.file === null) return undefined;
  const named = options.file ?? options.environment?.[CONFIG_VARIABLE];
  if (named !== undefined && named !== '') return { path: resolve(cwd, named), name: named };
  const usual = join(cwd, DEFAULT_FILE);
  return existsSync(usual) ? { path: usual, name: DEFAULT_FILE } : undefined;
}

const HOST_PROGRAM: Origin = { from: 'override', name: 'settings' };

/** What the file says; a file without any setting is an empty one. */
function readRoot(file: { path: string; name: string } | undefined, problems: ConfigError[]): RawMap {
  if (!file) return emptyMap(FROM_DEFAULT);
  const { root, problems: found } = readConfigFile(file.path, file.name);
  problems.push(...found);
  if (root.kind === 'map') return root;
  if (root.kind === 'list' || root.value !== null) {
    problems.push(valueProblem(root.origin, 'configuration', 'expected settings written as "name: value"'));
  }
  return emptyMap(FROM_DEFAULT);
}

/** Lays environment, settings and overrides over the file. */
function gather(options: LoadOptions, root: RawMap): ConfigError[] {
  const problems = applyEnvironment(root, options.environment ?? {});
  const settings = fromPlain(options.settings ?? {}, HOST_PROGRAM);
  if (settings.kind === 'map') mergeRaw(root, settings);
  problems.push(...applyOverrides(root, options.overrides ?? []));
  return problems;
}

/** Those of the file in the order of its lines; the others after them, in the order in which they were found. */
function byLine(left: ConfigError, right: ConfigError): number {
  const lineOf = ({ detail }: ConfigError): number =>
    typeof detail['line'] === 'number' ? detail['line'] : Number.MAX_SAFE_INTEGER;
  return lineOf(left) - lineOf(right);
}

/** A first start in an empty folder has no policies; only a folder that somebody named must be there. */
function withoutMissingDefault(config: Config, origins: Provenance): Config {
  const isDefault = (origins.get('policies') ?? FROM_DEFAULT).from === 'default';
  const [folder] = config.policies ?? [];
  if (!isDefault || folder === undefined || existsSync(folder)) return config;
  return Object.freeze({ ...config, policies: Object.freeze([]) });
}

/** Loads and checks the configuration; everything wrong is in the answer. */
export function readConfig(options: LoadOptions = {}): ConfigOutcome {
  const cwd = resolve(options.cwd ?? process.cwd());
  const file = chooseFile(options, cwd);
  const problems: ConfigError[] = [];
  const root = readRoot(file, problems);
  problems.push(...gather(options, root));
  const resolution: Resolution = {
    folder: file ? dirname(file.path) : cwd,
    machine: readHostname(options.machine ?? hostname()) ?? 'localhost',
    problems,
    origins: new Map(),
    known: new Map(),
  };
  const values = resolveSettings(root, resolution);
  // The walk follows the very table from which Config is derived, and reported no problem.
  const config = withoutMissingDefault(values as Config, resolution.origins);
  if (problems.length === 0) problems.push(...crossCheck(config, resolution.origins));
  if (problems.length > 0) return { status: 'invalid', file: file?.name, problems: problems.sort(byLine) };
  return { status: 'valid', config, provenance: resolution.origins, file: file?.name };
}

/** Loads the configuration or throws InvalidConfigError with everything that is wrong. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const outcome = readConfig(options);
  if (outcome.status === 'valid') return outcome;
  const [first] = outcome.problems;
  if (!first)
    throw new ConfigError('ERR_INVARIANT', {
      detail: { reason: 'an invalid configuration without a problem' },
    });
  throw new InvalidConfigError(first, outcome.problems);
}

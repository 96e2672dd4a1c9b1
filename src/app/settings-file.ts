/**
 * Reads the file of administrative settings, which serves until there is an interface for them.
 *
 * YAML: controllers at the top, their settings below. Everything that is wrong is told at once, with
 * its line; names that do not exist come with the nearest that does. A file without any setting is
 * right: then postern.yaml holds alone.
 *
 * Callers: app/compose-settings, app/check-settings. Nothing here throws.
 */
import { ConfigError } from '../core/errors.js';
import { suggestion } from '../core/suggest.js';
import { readSetting, type SettingFault } from '../settings/setting-value.js';
import type { ControllerSpec } from '../settings/setting-spec.js';
import {
  type AdminSettings,
  adminSettings,
  CONTROLLER_NAMES,
  controllerOf,
  NOTHING_SET,
} from '../settings/settings-table.js';
import { readConfigFile } from './config-file.js';
import type { Raw } from './config-raw.js';

export type SettingsReading =
  | {
      readonly status: 'valid';
      readonly settings: AdminSettings;
      /** Names of the settings that the file gives, as `MailSmtp.databytes`. */
      readonly names: readonly string[];
    }
  | { readonly status: 'invalid'; readonly problems: readonly [ConfigError, ...ConfigError[]] };

/** Octets of the largest file: the longest list that is allowed, of patterns of a hundred characters. */
export const LARGEST_SETTINGS_FILE = 1_048_576;

type Values = Record<string, unknown>;

function lineOf({ origin }: Raw): number {
  return origin.from === 'file' ? origin.line : 1;
}

function plainOf(raw: Raw): unknown {
  switch (raw.kind) {
    case 'scalar':
      return raw.value;
    case 'list':
      return raw.items.map(plainOf);
    case 'map':
      return Object.fromEntries(raw.entries);
  }
}

/** One walk over the file, which goes on after a mistake. */
class Reader {
  readonly problems: ConfigError[] = [];
  readonly names: string[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The controllers that the file names, with their values. */
  root(raw: Raw): Record<string, Values> {
    const given: Record<string, Values> = {};
    for (const [name, node] of this.#section(raw, 'settings file')) {
      const controller = controllerOf(name);
      if (controller) given[name] = this.#controller(name, controller, node);
      else this.#unknown(node, name, CONTROLLER_NAMES);
    }
    return given;
  }

  #controller(controller: string, rows: ControllerSpec, raw: Raw): Values {
    const values: Values = {};
    for (const [name, node] of this.#section(raw, controller)) {
      const key = `${controller}.${name}`;
      const spec = Object.hasOwn(rows, name) ? rows[name] : undefined;
      if (!spec) {
        this.#unknown(node, key, Object.keys(rows));
        continue;
      }
      this.names.push(key);
      const reading = readSetting(spec, plainOf(node));
      if (reading.status === 'ok') values[name] = reading.value;
      else for (const fault of reading.faults) this.#wrong(node, key, fault);
    }
    return values;
  }

  /** What stands below a name; nothing where it is left empty. */
  #section(raw: Raw, key: string): Iterable<[string, Raw]> {
    if (raw.kind === 'map') return raw.entries;
    const isEmpty = raw.kind === 'scalar' && raw.value === null;
    if (!isEmpty) this.#wrong(raw, key, { reason: 'expected settings written as "name: value" below it' });
    return [];
  }

  #wrong(raw: Raw, key: string, { reason, index }: SettingFault): void {
    const item = raw.kind === 'list' && index !== undefined ? raw.items[index] : undefined;
    const place = index === undefined ? key : `${key}[${index}]`;
    this.#tell('ERR_SETTINGS_VALUE', { line: lineOf(item ?? raw), key: place, reason });
  }

  #unknown(raw: Raw, key: string, known: readonly string[]): void {
    const name = key.split('.').at(-1) ?? key;
    this.#tell('ERR_SETTINGS_UNKNOWN', { line: lineOf(raw), key, suggestion: suggestion(name, known) });
  }

  #tell(code: 'ERR_SETTINGS_VALUE' | 'ERR_SETTINGS_UNKNOWN', detail: Record<string, string | number>): void {
    this.problems.push(new ConfigError(code, { detail: { file: this.#file, ...detail } }));
  }
}

/** The file cannot be read at all: said with the name of the setting that leads to it. */
function renamed(problem: ConfigError): ConfigError {
  if (problem.code !== 'ERR_CONFIG_FILE') return problem;
  return new ConfigError('ERR_SETTINGS_FILE', { detail: problem.detail, cause: problem.cause });
}

/** Reads and checks the file. */
export function readSettingsFile(file: string): SettingsReading {
  const { root, problems: unreadable } = readConfigFile(file, file, LARGEST_SETTINGS_FILE);
  const reader = new Reader(file);
  const given = unreadable.length === 0 ? reader.root(root) : {};
  const [first, ...rest] = [...unreadable.map(renamed), ...reader.problems];
  if (first) return { status: 'invalid', problems: [first, ...rest] };
  const { names } = reader;
  return { status: 'valid', settings: names.length === 0 ? NOTHING_SET : adminSettings(given), names };
}

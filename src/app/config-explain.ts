/**
 * Each effective setting with its value, as an operator would write it, and its origin.
 *
 * Callers: cli (`config explain`), web later. Walks the table and the loaded configuration side
 * by side, so it shows every setting and only settings.
 */
import { formatDuration, formatSize } from '../core/units.js';
import { joinKey, ROOT } from './config-keys.js';
import { FROM_DEFAULT, formatOrigin, type Provenance } from './config-origin.js';
import type { SettingSpec } from './config-spec.js';
import type { LoadedConfig } from './load-config.js';

export interface ExplainedSetting {
  /** `queue.firstRetry`, `listeners[0].port`. */
  readonly key: string;
  /** As the program holds it: durations in milliseconds, sizes in octets, paths absolute. */
  readonly value: unknown;
  /** As one would write it in the file. */
  readonly text: string;
  /** `default`, `default (kind: lmtp)`, `postern.yaml:12`, `POSTERN_DATA_DIR` or `--port`. */
  readonly from: string;
  readonly doc: string;
}

function textOf(spec: SettingSpec, value: unknown): string {
  if (spec.kind === 'list' && Array.isArray(value))
    return `[${value.map((item) => textOf(spec.item, item)).join(', ')}]`;
  if (spec.kind === 'duration' && typeof value === 'number') return formatDuration(value);
  if (spec.kind === 'size' && typeof value === 'number') return formatSize(value);
  return value === '' ? '""' : String(value);
}

function* walk(
  spec: SettingSpec,
  value: unknown,
  key: string,
  provenance: Provenance,
): Generator<ExplainedSetting> {
  if (spec.kind === 'object') {
    const values = new Map(Object.entries(value ?? {}));
    for (const [name, row] of Object.entries(spec.fields)) {
      yield* walk(row, values.get(name), joinKey(key, name), provenance);
    }
  } else if (
    spec.kind === 'list' &&
    spec.item.kind === 'object' &&
    Array.isArray(value) &&
    value.length > 0
  ) {
    for (const [index, item] of value.entries())
      yield* walk(spec.item, item, joinKey(key, index), provenance);
  } else {
    const from = formatOrigin(provenance.get(key) ?? FROM_DEFAULT);
    yield { key, value, text: textOf(spec, value), from, doc: spec.doc };
  }
}

/** All settings in the order of the table. */
export function explainConfig(
  loaded: Pick<LoadedConfig, 'config' | 'provenance'>,
): readonly ExplainedSetting[] {
  return [...walk(ROOT, loaded.config, '', loaded.provenance)];
}

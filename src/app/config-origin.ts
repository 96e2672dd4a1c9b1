/**
 * Where a setting came from, and the error that says so.
 *
 * Every value carries its origin from the moment it is read, so that a complaint names the line,
 * the variable or the option that has to change, and `config explain` can show it.
 *
 * Callers: the config files of this folder, cli.
 */
import { ConfigError } from '../core/errors.js';

export type Origin =
  /** `by` names the settings that chose this default, as `kind: lmtp`. */
  | { readonly from: 'default'; readonly by?: string }
  | { readonly from: 'file'; readonly file: string; readonly line: number }
  | { readonly from: 'environment'; readonly name: string }
  /** An option of the command line, or the host program; `name` is what its user would recognise. */
  | { readonly from: 'override'; readonly name: string };

/** The origin of each setting, by key: `queue.firstRetry`, `listeners[0].port`. */
export type Provenance = ReadonlyMap<string, Origin>;

export const FROM_DEFAULT: Origin = { from: 'default' };

/** The origin of a key, or of the nearest thing around it that somebody wrote. */
export function nearestOrigin(key: string, provenance: Provenance): Origin {
  let at = key;
  for (;;) {
    const origin = provenance.get(at);
    if (origin && origin.from !== 'default') return origin;
    const cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
    if (cut <= 0) return FROM_DEFAULT;
    at = at.slice(0, cut);
  }
}

/** `default`, `default (kind: lmtp)`, `postern.yaml:12`, `POSTERN_DATA_DIR` or `--port`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.from) {
    case 'default':
      return origin.by === undefined ? 'default' : `default (${origin.by})`;
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'environment':
    case 'override':
      return origin.name;
  }
}

/** The error for a value that cannot be used. */
export function valueProblem(origin: Origin, key: string, reason: string): ConfigError {
  switch (origin.from) {
    case 'file':
      return new ConfigError('ERR_CONFIG_VALUE', {
        detail: { file: origin.file, line: origin.line, key, reason },
      });
    case 'environment':
      return new ConfigError('ERR_CONFIG_ENVIRONMENT', { detail: { name: origin.name, reason } });
    case 'override':
      return new ConfigError('ERR_CONFIG_OPTION', { detail: { name: `${origin.name}: ${key}`, reason } });
    case 'default':
      return new ConfigError('ERR_CONFIG_OPTION', { detail: { name: key, reason } });
  }
}

/** Tells what is wrong with settings that are each right by themselves, at the first of them that is no default. */
export type Complain = (keys: readonly [string, ...string[]], reason: string) => void;

/** The error for a name that is no setting; `suggestion` is empty or begins with a semicolon. */
export function unknownProblem(origin: Origin, key: string, suggestion: string): ConfigError {
  if (origin.from === 'environment')
    return valueProblem(origin, key, `there is no setting "${key}"${suggestion}`);
  if (origin.from !== 'file') return valueProblem(origin, key, `there is no such setting${suggestion}`);
  const detail = { file: origin.file, line: origin.line, key, suggestion };
  return new ConfigError('ERR_CONFIG_UNKNOWN_KEY', { detail });
}

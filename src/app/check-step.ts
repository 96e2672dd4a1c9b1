/**
 * The shape of a question that `postern check` asks.
 *
 * A step looks at one thing and answers findings; no finding means that it is well. Steps change
 * nothing that lasts.
 *
 * Callers: app/check and the files with steps, cli.
 */
import type { Config } from './config-types.js';

export interface Finding {
  /** An `error` will keep Postern from working; a `warning` may be as intended. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly hint: string;
}

export interface CheckStep {
  /** What is looked at: `data directory`. */
  readonly name: string;
  run(config: Config): Promise<readonly Finding[]>;
}

export interface CheckReport {
  readonly step: string;
  readonly findings: readonly Finding[];
}

/**
 * What lies where below the data directory.
 *
 * Callers: app, cli. One place, because two programs that disagree about a path lose each other.
 */
import { join } from 'node:path';
import type { Config } from './config-types.js';

/** Queue database, spool and lock. */
export function queueDir(config: Config): string {
  return join(config.dataDir, 'queue');
}

/** Segments of decisions for `postern explain`. */
export function tracesDir(config: Config): string {
  return join(config.dataDir, 'traces');
}

/** Where the watchdog leaves its report for the supervisor. */
export function blockedReportFile(config: Config): string {
  return join(config.dataDir, 'blocked.json');
}

/**
 * Makes the data directory, or says why it cannot be used.
 *
 * Folder by folder, because the recursive call of Node never returns for places such as /proc.
 *
 * Callers: app/postern, before anything else writes. Throws ERR_DATA_DIR.
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError, messageOf } from '../core/errors.js';

/** The folders that are missing, the outermost first. */
function missing(dir: string): readonly string[] {
  return existsSync(dir) || dirname(dir) === dir ? [] : [...missing(dirname(dir)), dir];
}

export function prepareDataDir(dir: string): void {
  try {
    for (const folder of missing(dir)) mkdirSync(folder);
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new EngineError('ERR_DATA_DIR', { cause: error, detail: { dir, reason: messageOf(error) } });
  }
}

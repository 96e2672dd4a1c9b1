/**
 * The version of this package, as its package.json says.
 *
 * Callers: cli, banner. An unreadable package.json is a broken installation and throws.
 */
import { readFileSync } from 'node:fs';

/** The version of the package this file belongs to; `src` and `dist` lie equally deep. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found: unknown = JSON.parse(text);
  const hasVersion = typeof found === 'object' && found !== null && 'version' in found;
  return hasVersion && typeof found.version === 'string' ? found.version : 'unknown';
}

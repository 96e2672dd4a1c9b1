/**
 * Rebuilds `dist` when a source is newer; a few milliseconds when none is.
 *
 * Runs before `npm start` and `npm run demo`, so that an edited checkout is what starts. Sources
 * with type errors do not start, also the second time.
 */
import { build, hasTypeErrors, isStale } from './build.mjs';

if (isStale() || hasTypeErrors()) {
  process.stderr.write('postern: sources changed, building dist ...\n');
  const code = build();
  if (code === undefined) {
    process.stderr.write('postern: dist is older than src and no compiler is installed; run `npm ci`.\n');
  }
  process.exitCode = code ?? 1;
}

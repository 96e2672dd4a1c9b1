/**
 * Runs once before the tests: brings `dist` up to date, because tests that start the command or a
 * worker thread run the built program.
 *
 * A source with a type error is built all the same, so that unrelated tests can run; on the
 * integration machine it ends the run.
 */
import { build, isStale } from '../scripts/build.mjs';

export default function setup(): void {
  if (!isStale()) return;
  const code = build();
  if (code === 0) return;
  if (code === undefined || process.env['CI'] === 'true')
    throw new Error('dist could not be built; see the lines above');
  process.stderr.write('test: src has type errors (above); tests of the built program may fail.\n');
}

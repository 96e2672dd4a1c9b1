/**
 * Property tests draw the same cases at every run, so that a gate that was green stays green.
 *
 * Other cases: `FUZZ_SEED=$RANDOM npm run test:fuzz`. A failure prints its seed; what it finds
 * becomes an example of its own in the test.
 */
import fc from 'fast-check';

const DEFAULT_SEED = 5321;

fc.configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? DEFAULT_SEED) });

/**
 * Runs `bench/*.bench.mjs` one after the other against the built program: `npm run bench [WORD...]`.
 *
 * With words, only the files whose names hold one of them. A bench that fails its budget exits
 * non-zero; the rest still run, and the exit code says that one failed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../bench/', import.meta.url));
const words = process.argv.slice(2);

for (const name of readdirSync(FOLDER).sort()) {
  if (!name.endsWith('.bench.mjs')) continue;
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
  process.stdout.write(`== ${name}\n`);
  const { status } = spawnSync(process.execPath, [FOLDER + name], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

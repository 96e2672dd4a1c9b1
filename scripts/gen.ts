/**
 * Writes everything that is generated from the sources, or checks that it is up to date.
 *
 * `npm run gen` writes the files that differ. `npm run gen -- --check` writes nothing, lists the
 * files that differ and exits 1 when there are any. Runs from the sources, without a build.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATORS } from './gen/generators.js';
import type { GeneratedFile } from './gen/generator.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function current(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function write({ path, text }: GeneratedFile): void {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}

async function main(check: boolean): Promise<number> {
  const files = (await Promise.all(GENERATORS.map(async (generator) => generator()))).flat();
  const drifted = files.filter(({ path, text }) => current(path) !== text);
  for (const file of drifted) {
    if (!check) write(file);
    console.log(`${check ? 'drifted' : 'written'}: ${file.path}`);
  }
  if (check && drifted.length > 0) console.error('Run `npm run gen` and commit the result.');
  else console.log(`${files.length} generated files are up to date`);
  return check && drifted.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.includes('--check'));

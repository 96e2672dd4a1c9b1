/** One folder for each wrong configuration under test/e2e/bad-configs, with the text it must give. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/app/load-config.js';

const FOLDER = fileURLToPath(new URL('../../e2e/bad-configs', import.meta.url));

function environmentOf(cwd: string): Record<string, string> {
  const file = join(cwd, 'environment');
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe('a wrong configuration is refused with', () => {
  it.each(readdirSync(FOLDER))('%s', (name) => {
    const cwd = join(FOLDER, name);
    const outcome = readConfig({ cwd, environment: environmentOf(cwd), machine: 'test' });
    const told = outcome.status === 'invalid' ? outcome.problems.map((problem) => problem.message) : [];
    expect(`${told.join('\n')}\n`).toBe(readFileSync(join(cwd, 'expected.txt'), 'utf8'));
  });
});

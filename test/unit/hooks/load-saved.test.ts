/** Saved files are seen whatever their kind, also where Node itself could import them. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadPolicies } from '../../../src/hooks/load.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));
const esm = (name: string): string =>
  `import { definePolicy } from 'postern/policy';\nexport default definePolicy({ name: '${name}' });\n`;
const cjs = (name: string): string =>
  `const { definePolicy } = require('postern/policy');\nmodule.exports = definePolicy({ name: '${name}' });\n`;

it.each([
  ['a.js', esm],
  ['a.mjs', esm],
  ['a.cjs', cjs],
  ['a.ts', esm],
])('%s in a project that has installed the package', async (file, text) => {
  const root = tempFolder();
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(PACKAGE, join(root, 'node_modules', 'postern'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  const path = join(root, file);
  const loaded = async (name: string): Promise<readonly string[]> => {
    writeFileSync(path, text(name));
    const set = await loadPolicies({ paths: [path], own: [], internal: [] });
    return set.policies.map((policy) => policy.name);
  };
  expect(await loaded('first')).toEqual(['first']);
  expect(await loaded('second')).toEqual(['second']);
});

it('a file that awaits at its top level loads, too', async () => {
  const path = join(tempFolder(), 'a.ts');
  const text = (name: string): string => `await Promise.resolve();\n${esm(name)}`;
  for (const name of ['first', 'second']) {
    writeFileSync(path, text(name));
    const set = await loadPolicies({ paths: [path], own: [], internal: [] });
    expect(set.policies.map((policy) => policy.name)).toEqual([name]);
  }
});

it('a neighbour of a saved file is seen anew', async () => {
  const root = tempFolder();
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(root, 'a.js'),
    "import { definePolicy } from 'postern/policy';\nimport { NAME } from './lib/name.js';\nexport default definePolicy({ name: NAME });\n",
  );
  mkdirSync(join(root, 'lib'));
  for (const name of ['first', 'second']) {
    writeFileSync(join(root, 'lib', 'name.js'), `export const NAME = '${name}';\n`);
    const set = await loadPolicies({ paths: [join(root, 'a.js')], own: [], internal: [] });
    expect(set.policies.map((policy) => policy.name)).toEqual([name]);
  }
});

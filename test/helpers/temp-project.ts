/**
 * A folder as an operator has one: policies, perhaps a postern.yaml, data under `var`.
 *
 *     const project = tempProject({ 'policies/a.ts': `export default ...` });
 *     project.write('policies/a.ts', changed);
 *
 * Removed when the test has ended.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from './temp-folder.js';

/** The checkout under test. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

export interface TempProject {
  readonly folder: string;
  /** An absolute path inside. */
  path(name: string): string;
  /** Writes a file, as an editor does that saves in place. */
  write(name: string, text: string): void;
}

export function tempProject(files: Readonly<Record<string, string>> = {}): TempProject {
  const folder = tempFolder();
  const project: TempProject = {
    folder,
    path: (name) => join(folder, name),
    write(name, text) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
  };
  // The configuration's default names this folder, and one that is missing is refused.
  mkdirSync(join(folder, 'policies'));
  for (const [name, text] of Object.entries(files)) project.write(name, text);
  return project;
}

/** The text of a policy file with one policy, whose properties are given as source. */
export function policyText(name: string, properties: string): string {
  return `import { definePolicy } from 'postern/policy';

export default definePolicy({
  name: '${name}',
  ${properties}
});
`;
}

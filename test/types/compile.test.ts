/**
 * Compiles every file of this folder and gives each its own verdict.
 *
 * The files pin what must not compile with `@ts-expect-error`; a forbidden use that begins to
 * compile is an unused directive and fails here, with the compiler's own words.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

function compilerOptions(): ts.CompilerOptions {
  const read = ts.readConfigFile(`${ROOT}/tsconfig.json`, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
  return { ...options, incremental: false };
}

describe('a forbidden use does not compile', () => {
  let program: ts.Program;

  beforeAll(() => {
    program = ts.createProgram(
      files.map((name) => FOLDER + name),
      compilerOptions(),
    );
  });

  it.each(files)('%s', (name) => {
    const source = program.getSourceFile(FOLDER + name);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    const text = ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (path) => path,
      getCurrentDirectory: () => ROOT,
      getNewLine: () => '\n',
    });
    expect(text).toBe('');
  });
});

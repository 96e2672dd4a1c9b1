/**
 * Every `@ts-expect-error` of the generated files stands for the error it was written for.
 *
 * The directive alone accepts any error, also that of a broken import. Here the files are compiled
 * with the directives taken out, and the code of each diagnostic must fit the kind that the
 * directive names.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { EVENT_NAMES, EVENTS } from '../../src/hooks/table/index.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const DIRECTIVE = /@ts-expect-error (\S+)/;

/** Compiler codes per kind: assignment to a read-only property, wrong type, no such property. */
const CODES: Readonly<Record<string, readonly number[]>> = {
  'read-only': [2540],
  value: [2322, 2820],
  unknown: [2339, 2551],
};

interface Pin {
  readonly line: number;
  readonly kind: string;
}

const pathOf = (event: string): string =>
  `${FOLDER}${event.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.test-d.ts`;

/** The forbidden uses of a file: the line after each directive, counted from 1. */
function pins(path: string): readonly Pin[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const kind = DIRECTIVE.exec(text)?.[1];
      return kind === undefined ? [] : [{ line: index + 2, kind }];
    });
}

function compileWithoutDirectives(paths: readonly string[]): ts.Program {
  const read = ts.readConfigFile(`${ROOT}/tsconfig.json`, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
  const host = ts.createCompilerHost({ ...options, incremental: false });
  const readSource = host.readFile.bind(host);
  host.readFile = (path) => {
    const text = readSource(path);
    return paths.includes(path) ? text?.replaceAll('@ts-expect-error', 'pinned') : text;
  };
  return ts.createProgram(paths, { ...options, incremental: false }, host);
}

describe('each pinned error is of its kind', () => {
  let program: ts.Program;

  beforeAll(() => {
    program = compileWithoutDirectives(EVENT_NAMES.map(pathOf));
  });

  it.each(EVENT_NAMES)('in %s', (event) => {
    const source = program.getSourceFile(pathOf(event));
    const codes = new Map<number, number>();
    for (const { start, code } of program.getSemanticDiagnostics(source)) {
      codes.set((source?.getLineAndCharacterOfPosition(start ?? 0).line ?? -1) + 1, code);
    }
    const expected = pins(pathOf(event));
    const wrong = expected.filter(({ line, kind }) => !CODES[kind]?.includes(codes.get(line) ?? 0));
    expect(wrong).toEqual([]);
    expect(codes.size).toBe(expected.length);
  });

  it.each(EVENT_NAMES)('and every IN variable of %s is pinned', (event) => {
    const cells = Object.values<string | { access: string }>(EVENTS[event].vars);
    const readOnly = cells.filter((cell) => (typeof cell === 'string' ? cell : cell.access) === 'in');
    const slots = EVENTS[event].context === 'SMTPIn' ? 2 : 0;
    const pinned = pins(pathOf(event)).filter(({ kind }) => kind === 'read-only');
    expect(pinned.length).toBe(readOnly.length + slots);
  });
});

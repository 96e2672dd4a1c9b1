import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FILTER_SLOT, METHOD_ARGUMENTS, METHODS, variableOf } from '../../../../src/hooks/table/index.js';
import type { MethodSpec } from '../../../../src/hooks/table/spec.js';

const rows = Object.entries<MethodSpec>(METHODS);
const isArgument = (name: string): boolean => Object.hasOwn(METHOD_ARGUMENTS, name);
const isVariable = (name: string): boolean => variableOf(name) !== undefined;
const isSlot = (name: string): boolean =>
  Object.keys(FILTER_SLOT).some((key) => name === `'filterName'.${key}`);

describe.each(rows)('%s', (_name, row) => {
  it('names known variables and arguments only', () => {
    expect(row.inputs.filter((name) => !isVariable(name) && !isArgument(name))).toEqual([]);
    expect(row.uses.filter((name) => !isVariable(name) && name !== '*')).toEqual([]);
    expect(row.fills.filter((name) => !isVariable(name) && !isSlot(name))).toEqual([]);
  });

  it('is described in full sentences and says where it is implemented', () => {
    expect(row.doc).toMatch(/^[A-Z].+\.$/);
    expect(row.source).toMatch(/^src\/hooks\/methods\/[a-z-]+\.ts$/);
    expect(existsSync(new URL(`../../../../${row.source}`, import.meta.url))).toBe(true);
  });
});

it('no argument has the name of a variable', () => {
  expect(Object.keys(METHOD_ARGUMENTS).filter(isVariable)).toEqual([]);
});

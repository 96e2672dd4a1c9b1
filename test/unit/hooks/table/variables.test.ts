import { describe, expect, it } from 'vitest';
import { EVENT_NAMES, cellOf, FILTER_SLOT, VARIABLES } from '../../../../src/hooks/table/index.js';
import type { VariableSpec } from '../../../../src/hooks/table/spec.js';

const FIELDS = [
  'type',
  'values',
  'min',
  'max',
  'unit',
  'default',
  'life',
  'secret',
  'aliases',
  'doc',
  'access',
];

const rows: readonly (readonly [string, VariableSpec])[] = [
  ...Object.entries<VariableSpec>(VARIABLES),
  ...Object.entries<VariableSpec>(FILTER_SLOT).map(([key, slot]) => [`'filterName'.${key}`, slot] as const),
];

/** Why a default does not fit its row; an empty string when it does. */
function misfit(spec: VariableSpec, value: string | number): string {
  if (spec.type === 'numeric') {
    if (typeof value !== 'number') return 'not a number';
    return value < (spec.min ?? 0) || value > (spec.max ?? Infinity) ? 'out of range' : '';
  }
  if (typeof value !== 'string') return 'not a text';
  if (spec.values === undefined) return '';
  const words = spec.type === 'multival' ? value.split(' ') : [value];
  return words.every((word) => spec.values?.includes(word)) ? '' : 'not among the values';
}

describe.each(rows)('row of %s', (name, spec) => {
  it('has no field that nobody reads', () => {
    expect(Object.keys(spec).filter((field) => !FIELDS.includes(field))).toEqual([]);
  });

  it('lists values exactly when it is a choice or multival', () => {
    expect(spec.values !== undefined).toBe(spec.type === 'choice' || spec.type === 'multival');
    const lowered = (spec.values ?? []).map((value) => value.toLowerCase());
    expect(new Set(lowered).size).toBe(lowered.length);
    expect(lowered.every((value) => /^[a-z0-9]+$/.test(value))).toBe(true);
  });

  it('has a range only when it is numeric, in order', () => {
    if (spec.type !== 'numeric')
      expect([spec.min, spec.max, spec.unit]).toEqual([undefined, undefined, undefined]);
    else expect(spec.min ?? 0).toBeLessThan(spec.max ?? Infinity);
  });

  it('has defaults that it would accept', () => {
    const defaults = [spec.default, ...EVENT_NAMES.map((event) => cellOf(event, name)?.default)];
    const wrong = defaults.filter((value) => value !== undefined && misfit(spec, value) !== '');
    expect(wrong).toEqual([]);
  });

  it('is described in full sentences', () => {
    expect(spec.doc).toMatch(/^[A-Z`].+\.$/);
    expect(spec.doc.split('`').length % 2).toBe(1);
  });
});

describe('spellings', () => {
  it('are unique, also when letter case is ignored', () => {
    const aliases = Object.values<VariableSpec>(VARIABLES).flatMap((spec) => spec.aliases ?? []);
    const names = [...Object.keys(VARIABLES), ...aliases.filter((alias) => alias !== 'sendNdr')];
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  });

  it('mark every password as secret', () => {
    const secrets = Object.entries<VariableSpec>(VARIABLES).filter(([, spec]) => spec.secret === true);
    expect(secrets.map(([name]) => name)).toEqual(['authPasswd']);
  });
});

import { describe, expect, it } from 'vitest';
import {
  EVENT_NAMES,
  EVENTS,
  METHOD_NAMES,
  METHODS,
  VARIABLE_NAMES,
  accessOf,
  docOf,
  variableOf,
} from '../../../../src/hooks/table/index.js';
import type { MethodSpec } from '../../../../src/hooks/table/spec.js';

describe.each(EVENT_NAMES)('%s', (event) => {
  const row = EVENTS[event];

  it('has cells of known variables only, each with an access', () => {
    const names = Object.keys(row.vars);
    expect(names.filter((name) => variableOf(name) === undefined)).toEqual([]);
    expect(names.filter((name) => !['in', 'out', 'inout'].includes(accessOf(event, name) ?? ''))).toEqual([]);
  });

  it('has known methods only, each once', () => {
    const methods: readonly string[] = row.methods;
    expect(methods.filter((name) => !(METHOD_NAMES as readonly string[]).includes(name))).toEqual([]);
    expect(new Set(methods).size).toBe(methods.length);
  });

  it('describes itself and its cells in full sentences', () => {
    const texts = [row.doc, ...Object.keys(row.vars).map((name) => docOf(event, name) ?? '')];
    expect(texts.filter((text) => !/^[A-Z`].+\.$/.test(text))).toEqual([]);
  });

  it.each(row.methods)('lets a policy set the inputs of %s and read what it fills', (name) => {
    const method: MethodSpec = METHODS[name];
    const variables = (names: readonly string[]) => names.filter((each) => variableOf(each) !== undefined);
    expect(variables(method.inputs).filter((each) => accessOf(event, each) !== 'out')).toEqual([]);
    expect(variables(method.fills).filter((each) => !/^in/.test(accessOf(event, each) ?? ''))).toEqual([]);
  });
});

describe('the table as a whole', () => {
  it('uses every variable', () => {
    const unused = VARIABLE_NAMES.filter((name) =>
      EVENT_NAMES.every((event) => accessOf(event, name) === undefined),
    );
    expect(unused).toEqual([]);
  });

  it('uses every method', () => {
    const used = new Set<string>(EVENT_NAMES.flatMap((event) => EVENTS[event].methods));
    expect(METHOD_NAMES.filter((name) => !used.has(name))).toEqual([]);
  });
});

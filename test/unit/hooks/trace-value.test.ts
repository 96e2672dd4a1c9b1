import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordable } from '../../../src/hooks/trace-value.js';

describe('a value for a trace', () => {
  it('is what JSON would make of it', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(value);
        } catch {
          text = undefined;
        }
        // Undefined itself stays; the line of the trace leaves it out.
        if (text === undefined || value === undefined) return;
        // A number alone is written as it is.
        if (typeof value === 'number') return;
        expect(JSON.stringify(recordable(value))).toBe(text);
      }),
    );
  });

  it('is a copy, so that a policy cannot change the record', () => {
    const given = { list: [{ zone: 'a.test', codes: ['127.0.0.2'] }], deep: { er: 1 } };
    const kept = recordable(given);
    given.list.push({ zone: 'b.test', codes: [] });
    given.deep.er = 2;
    expect(kept).toEqual({ list: [{ zone: 'a.test', codes: ['127.0.0.2'] }], deep: { er: 1 } });
  });

  it('keeps a key that names the prototype as a key', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"evil":1},"a":1}');
    expect(Object.getPrototypeOf(recordable(hostile))).toBe(Object.prototype);
    expect(JSON.stringify(recordable(hostile))).toBe('{"__proto__":{"evil":1},"a":1}');
  });

  it.each([
    ['function', () => undefined],
    ['bigint', { a: 1n }],
    ['itself', { name: 'loop' }],
  ])('says what it was where it cannot be written: %s', (kind, value) => {
    const given: unknown = kind === 'itself' ? Object.assign(value, { again: value }) : value;
    expect(recordable(given)).toBe(`(${typeof given})`);
  });
});

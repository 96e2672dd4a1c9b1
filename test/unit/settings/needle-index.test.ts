import { describe, expect, it } from 'vitest';
import { createNeedleIndex } from '../../../src/settings/needle-index.js';

describe('the index of needles', () => {
  it('gives those whose characters are there, lowest first, and those without any', () => {
    const index = createNeedleIndex(['spam', '', 'other', 'ab', 'spammer']);
    expect(index.candidates(['a@spam.example'])).toEqual([0, 1, 3]);
    expect(index.candidates(['a@SPAMMER'])).toEqual([0, 1, 3, 4]);
    expect(index.candidates(['x'])).toEqual([1, 3]);
    expect(index.candidates([])).toEqual([1, 3]);
  });

  it('looks at every spelling', () => {
    const index = createNeedleIndex(['first', 'second']);
    expect(index.candidates(['a@first', 'a@second'])).toEqual([0, 1]);
  });

  it('gives all where a letter may be equal to an ASCII one', () => {
    const index = createNeedleIndex(['spam', 'other']);
    expect(index.candidates(['\u017fpam'])).toEqual([0, 1]);
  });

  it('chooses what tells the needles apart', () => {
    const needles = Array.from({ length: 1000 }, (_, i) => `@host${1000 + i}.example`);
    const index = createNeedleIndex(needles);
    expect(index.candidates(['a@host1500.example']).length).toBeLessThan(30);
    expect(index.candidates(['a@host1500.example'])).toContain(500);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMailParameters, parseRcptParameters } from '../../src/smtp/parameters.js';

describe('parameter properties', () => {
  it('gives a status for any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...'SIZEBODY= 1;+,NOTIFYRCPT\t'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (input) => {
        expect(['ok', 'unknown', 'bad']).toContain(parseMailParameters(input).status);
        expect(['ok', 'unknown', 'bad']).toContain(parseRcptParameters(input).status);
      }),
    );
  });
});

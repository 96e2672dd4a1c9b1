/**
 * Address patterns: any line is read without a throw, and the index over a list loses no hit.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePatterns, readPattern } from '../../src/settings/qregex.js';

const piece = fc.constantFrom(
  ...'aabbAB01@@..%!#\\[]()|*+?{}^$-:= \u00e9'.split(''),
  '[:alpha:]',
  '[a-b]',
  '{2}',
  '.*',
);
const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const address = fc.array(fc.constantFrom(...'aabBA01@@..%!k\u212as\u017f\u00e9-'.split('')), {
  maxLength: 20,
});

describe('address patterns', () => {
  it('read any text, and say what is wrong at a place inside it', () => {
    fc.assert(
      fc.property(fc.oneof(line, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const reading = readPattern(text);
        if (reading.status !== 'wrong') return;
        expect(reading.reason).not.toBe('');
        expect(reading.at).toBeGreaterThanOrEqual(0);
        expect(reading.at).toBeLessThanOrEqual([...text].length);
      }),
    );
  });

  it('give the first hit of the list, as trying one line after the other does', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.array(address, { minLength: 1, maxLength: 5 }),
        (lines, all) => {
          const list = compilePatterns(lines);
          for (const characters of all) {
            const spelling = characters.join('');
            const expected = lines
              .map(readPattern)
              .find(
                (reading) =>
                  reading.status === 'ok' && reading.expression.test(spelling) !== reading.isNegated,
              );
            expect(list.firstHit([spelling])).toBe(expected?.status === 'ok' ? expected.text : undefined);
          }
        },
      ),
    );
  });
});

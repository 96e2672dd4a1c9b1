/** The codes in front of a policy's text: any text is split without a loss. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitCodes } from '../../src/smtp/own-codes.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ unit: fc.constantFrom(...'2459.0 -\r\nx'), maxLength: 30 }),
);

it('what is split off is codes and blanks, and the rest is untouched', () => {
  fc.assert(
    fc.property(text, (written) => {
      const split = splitCodes(written);
      expect(written.endsWith(split.text)).toBe(true);
      const front = written.slice(0, written.length - split.text.length);
      expect(front.replaceAll(/[\s-]/g, '')).toBe(`${split.code ?? ''}${split.enhanced}`);
      if (split.code !== undefined) expect(split.code >= 200 && split.code <= 599).toBe(true);
      expect(split.enhanced).toMatch(/^(?:[245]\.\d{1,3}\.\d{1,3}|3\.\d{1,3}\.\d{1,3})?$/);
    }),
    { numRuns: 1000 },
  );
});

it('reads what it is given', () => {
  const code = fc.integer({ min: 200, max: 599 });
  const part = fc.nat({ max: 999 });
  fc.assert(
    fc.property(
      code,
      part,
      part,
      fc.stringMatching(/^[a-z][a-z ]{0,20}$/),
      (number, subject, detail, rest) => {
        const enhanced = `${Math.floor(number / 100)}.${subject}.${detail}`;
        const expected = { code: number, enhanced, text: rest };
        expect(splitCodes(`${number} ${enhanced} ${rest}`)).toEqual(expected);
        expect(splitCodes(`${number} ${rest}`)).toEqual({ ...expected, enhanced: '' });
        expect(splitCodes(`${enhanced} ${rest}`)).toEqual({ ...expected, code: undefined });
      },
    ),
  );
});

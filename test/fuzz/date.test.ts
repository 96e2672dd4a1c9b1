/** Dates of headers: what is written is read again, and any other text is a time or none. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDate, parseDate } from '../../src/message/date.js';

/** From 1970 to the end of 9999, in seconds. */
const seconds = fc.integer({ min: 0, max: 253_402_300_799 });

it('a date that was written is read again', () => {
  fc.assert(
    fc.property(seconds, (at) => {
      expect(parseDate(formatDate(at * 1000))).toBe(at * 1000);
    }),
  );
});

it('is the same time in every zone', () => {
  fc.assert(
    fc.property(seconds, fc.integer({ min: -12 * 60, max: 14 * 60 }), (at, east) => {
      const sign = east < 0 ? '-' : '+';
      const [hours, minutes] = [Math.floor(Math.abs(east) / 60), Math.abs(east) % 60];
      const zone = `${sign}${String(hours).padStart(2, '0')}${String(minutes).padStart(2, '0')}`;
      fc.pre(at + east * 60 >= 0 && at + east * 60 <= 253_402_300_799);
      const local = formatDate((at + east * 60) * 1000).replace('+0000', zone);
      expect(parseDate(local)).toBe(at * 1000);
    }),
  );
});

it('any text is a time or none', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.string({
      unit: fc.constantFrom('1', '99', ' ', 'Jan', 'Feb', ':', '+', '-', '0000', 'EST', '(', ')'),
      maxLength: 30,
    }),
  );
  fc.assert(
    fc.property(text, (written) => {
      const at = parseDate(written);
      if (at !== undefined) expect(Number.isInteger(at)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

/** Ids as people quote them: read in every form that we write, and nothing else is one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSessionIds, parseQuotedId } from '../../src/core/ids.js';
import { createFakeClock } from '../helpers/fake-clock.js';

const ids = createSessionIds(createFakeClock());

it('every id that we write is read again, in capitals and with blanks around it', () => {
  const number = fc.integer({ min: 0, max: 999_999 });
  const blank = fc.constantFrom('', ' ', '\n');
  fc.assert(
    fc.property(number, fc.constantFrom('', '.', '-'), fc.boolean(), blank, (n, mark, capitals, around) => {
      const session = ids();
      const written = `${around}${session}${mark === '' ? '' : `${mark}${n}`}${around}`;
      expect(parseQuotedId(capitals ? written.toUpperCase() : written)).toEqual({
        session,
        step: mark === '.' ? n : undefined,
        message: mark === '-' ? n : undefined,
      });
    }),
  );
});

it('any other text is none', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'0m7c3k9qab1x.-/ \0'), maxLength: 22 }),
  );
  fc.assert(
    fc.property(text, (quoted) => {
      // What passes goes into paths of traces: nothing but our own letters.
      const read = parseQuotedId(quoted);
      if (read) expect(read.session).toMatch(/^[0-9a-hjkmnp-tv-z]{12}$/);
    }),
    { numRuns: 1000 },
  );
});

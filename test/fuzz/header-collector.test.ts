/** The end of the header is found wherever the octets are cut, and nothing is kept beyond the bound. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHeaderCollector } from '../../src/message/header-collector.js';

const content = fc.string({ unit: fc.constantFrom('\r', '\n', 'a', ':', '\r\n', '\r\n\r\n'), maxLength: 40 });
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 60 });

/** The rule in the plainest words: a header ends at the first blank line, which the content may begin with. */
function plainly(text: string): { header: string; body: string } | undefined {
  const end = `\r\n${text}`.indexOf('\r\n\r\n');
  return end < 0 ? undefined : { header: text.slice(0, end), body: text.slice(end + 2) };
}

it('agrees with the plain rule however the content is cut', () => {
  fc.assert(
    fc.property(content, cuts, fc.integer({ min: 0, max: 60 }), (text, lengths, limit) => {
      const collector = createHeaderCollector(limit);
      const expected = plainly(text);
      let from = 0;
      for (const length of [...lengths, text.length]) {
        const piece = text.slice(from, from + length);
        if (piece === '') continue;
        from += piece.length;
        const collected = collector.feed(Buffer.from(piece, 'latin1'));
        if (collected.status === 'more') continue;
        if (collected.status === 'tooBig') {
          expect(expected === undefined || expected.header.length + 2 > limit).toBe(true);
          return;
        }
        expect(collected.octets.toString('latin1')).toBe(expected?.header);
        expect(collected.rest.toString('latin1') + text.slice(from)).toBe(expected?.body);
        expect(collected.octets.length).toBeLessThanOrEqual(limit);
        return;
      }
      expect(expected).toBeUndefined();
      expect(collector.end().toString('latin1')).toBe(text);
      expect(text.length).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 3000 },
  );
});

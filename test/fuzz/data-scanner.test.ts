import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDataScanner } from '../../src/engine/listener/data-scanner.js';

const text = fc.string({
  unit: fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.', '\r\n.\r\n'),
  maxLength: 40,
});

/** The rule of RFC 5321 §4.5.2 in the plainest words. */
function plainly(input: string): { content: string; rest: string | undefined } {
  const marked = `\r\n${input}`;
  const end = marked.indexOf('\r\n.\r\n');
  const body = end < 0 ? marked : marked.slice(0, end + 2);
  const unstuffed = body.replaceAll('\r\n.', '\r\n').slice(2);
  return { content: unstuffed, rest: end < 0 ? undefined : marked.slice(end + 5) };
}

describe('data scanner properties', () => {
  it('agrees with the plain rule however the text is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }), (input, cuts) => {
        const scanner = createDataScanner();
        let content = '';
        let rest: string | undefined;
        let from = 0;
        for (const length of [...cuts, input.length]) {
          const piece = input.slice(from, from + length);
          from += length;
          if (rest !== undefined) rest += piece;
          else if (piece !== '') {
            const scanned = scanner.feed(Buffer.from(piece, 'latin1'));
            content += scanned.content.toString('latin1');
            rest = scanned.rest?.toString('latin1');
          }
        }
        const expected = plainly(input);
        expect(rest).toBe(expected.rest);
        // An unfinished message may hold back a dot and a CR.
        if (rest === undefined) expect(expected.content.startsWith(content)).toBe(true);
        else expect(content).toBe(expected.content);
      }),
      { numRuns: 2000 },
    );
  });

  it('a stuffed message comes out as it went in', () => {
    fc.assert(
      fc.property(text, (input) => {
        const body = `${input}\r\n`;
        const stuffed = `\r\n${body}`.replaceAll('\r\n.', '\r\n..').slice(2);
        const scanned = createDataScanner().feed(Buffer.from(`${stuffed}.\r\nQUIT`, 'latin1'));
        expect(scanned.content.toString('latin1')).toBe(body);
        expect(scanned.rest?.toString()).toBe('QUIT');
      }),
      { numRuns: 1000 },
    );
  });
});

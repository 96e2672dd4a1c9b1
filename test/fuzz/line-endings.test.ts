import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineEndingGuard } from '../../src/message/line-endings.js';

const content = fc.array(
  fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '\0', 'a', '.', '\xff'), maxLength: 12 }),
  {
    maxLength: 8,
  },
);

describe('line ending properties', () => {
  it('normalized content is strict, and the same however it was cut', () => {
    fc.assert(
      fc.property(content, (pieces) => {
        const guard = createLineEndingGuard('normalize');
        const parts = pieces.map((piece) => guard.feed(Buffer.from(piece, 'latin1')) ?? Buffer.alloc(0));
        const out = Buffer.concat([...parts, guard.end() ?? Buffer.alloc(0)]).toString('latin1');
        expect(out).not.toMatch(/\r(?!\n)|(?<!\r)\n|\0/);
        expect(out).toBe(
          pieces
            .join('')
            .replace(/\r\n?|\n/g, '\r\n')
            .replaceAll('\0', ''),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('rejects exactly what is not strict', () => {
    fc.assert(
      fc.property(content, (pieces) => {
        const guard = createLineEndingGuard('reject');
        const passed = pieces.every((piece) => guard.feed(Buffer.from(piece, 'latin1')) !== undefined);
        const strict = !/\r(?!\n)|(?<!\r)\n|\0/.test(pieces.join(''));
        expect(passed && guard.end() !== undefined).toBe(strict);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/message/header-block.js';
import { formatHeaderField } from '../../src/message/header-field.js';

describe('header properties', () => {
  it('keeps every octet of any content', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ':', ' ', '\t', '\r\n', '\xff', 'B: c'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (input) => {
        const octets = Buffer.from(input, 'latin1');
        const { header, body } = parseHeader(octets);
        const fields = Buffer.concat(header.fields.map((field) => field.raw));
        const together = Buffer.concat([fields, body]).toString('latin1');
        expect([input, `${input}\r\n`]).toContain(together);
      }),
    );
  });

  it('a written value is one field of legal lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (value) => {
        const raw = formatHeaderField('X-Fuzz', value);
        const { header, body } = parseHeader(raw);
        expect(header.fields).toHaveLength(1);
        expect(body).toHaveLength(0);
        for (const line of raw.toString('latin1').split('\r\n').slice(0, -1)) {
          expect(line.length).toBeLessThanOrEqual(998);
          expect(line).toMatch(/^[\x20-\x7e\t]*$/);
          expect(line.trim()).not.toBe('');
        }
      }),
    );
  });
});

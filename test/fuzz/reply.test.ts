/** Replies, ours and those of others: one reply stays one, whatever text is in it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classOf, readReply } from '../../src/delivery/smtp/reply.js';
import { formatReply, reply } from '../../src/smtp/reply.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 1200 }),
  fc.string({ unit: fc.constantFrom(...'250 -\r\n\0x.ö'), maxLength: 60 }),
);

it('what is written is one reply of printable lines with the code in front of each', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.constantFrom('', '5.7.1'),
      fc.array(text, { maxLength: 4 }),
      (code, enhanced, texts) => {
        const lines = formatReply(reply(code, enhanced, texts)).split('\r\n');
        expect(lines.pop()).toBe('');
        lines.forEach((line, i) => {
          const mark = i === lines.length - 1 ? ' ' : '-';
          expect(line.startsWith(`${code}${mark}${enhanced}`)).toBe(true);
          expect(line).toMatch(/^[\x20-\x7e]{1,510}$/);
        });
      },
    ),
  );
});

it('what a peer says is one line with a bounded length, and has a class', () => {
  fc.assert(
    fc.property(text, (raw) => {
      const read = readReply(raw);
      expect(read.code === 0 || (read.code >= 200 && read.code <= 599)).toBe(true);
      expect(read.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(read.text.length).toBeLessThanOrEqual(403);
      if (read.code === 0) expect(classOf(read)).toBe('deferred');
    }),
  );
});

it('what was written is read again', () => {
  const words = fc.stringMatching(/^[a-z]{1,20}( [a-z]{1,20}){0,3}$/);
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.array(words, { minLength: 1, maxLength: 3 }),
      (code, texts) => {
        const raw = formatReply(reply(code, '', texts))
          .trimEnd()
          .replaceAll('\r\n', '\n');
        expect(readReply(raw)).toEqual({ code, text: `${code} ${texts.join(' ')}` });
      },
    ),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderName } from '../../src/delivery/local/folder-name.js';
import { createLineEndConverter } from '../../src/delivery/local/line-ends.js';

describe('folderName', () => {
  it('gives a harmless, bounded and never empty name for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const name = folderName(text);
        expect(name).toMatch(/^(?!\.)[a-z0-9._+=%A-F~-]{1,200}$/);
      }),
    );
  });

  it('keeps different names apart', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(anyText, anyText, (one, two) => {
        // A lone surrogate is no character; UTF-8 writes all of them alike.
        fc.pre([one, two].every((text) => Buffer.from(text).toString() === text));
        expect(folderName(one) === folderName(two)).toBe(one.toLowerCase() === two.toLowerCase());
      }),
    );
  });
});

describe('line ends', () => {
  it('come out the same however the octets are cut', () => {
    const octets = fc.array(fc.constantFrom('\r', '\n', 'a'), { maxLength: 40 }).map((all) => all.join(''));
    fc.assert(
      fc.property(octets, fc.array(fc.nat({ max: 40 }), { maxLength: 6 }), (text, cuts) => {
        const lines = createLineEndConverter();
        const borders = [0, ...cuts.sort((x, y) => x - y), text.length];
        const out = borders.map((at, index) =>
          lines.convert(Buffer.from(text.slice(at, borders[index + 1] ?? at))),
        );
        expect(Buffer.concat([...out, lines.end()]).toString()).toBe(text.replaceAll('\r\n', '\n'));
      }),
    );
  });
});

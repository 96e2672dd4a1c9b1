import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expand } from '../../src/hooks/expand.js';
import { VARIABLE_NAMES, VARIABLES } from '../../src/hooks/table/index.js';

const piece = fc.oneof(
  fc.string(),
  fc.constantFrom('%', '%%', '%%%', '%mailFrom%', '%authPasswd%', '%atuhPasswd%', '%nobody%', '%mailFrom'),
  fc.constantFrom(...VARIABLE_NAMES).map((name) => `%${name}%`),
);
const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
const SECRET = '\u0001the secret\u0001';

describe('any text with variables', () => {
  it('is filled without failing and never shows a secret', () => {
    fc.assert(
      fc.property(text, (written) => {
        const filled = expand(written, (name) => ('secret' in VARIABLES[name] ? SECRET : 'v')).text;
        expect(filled).not.toContain(SECRET);
      }),
    );
  });

  it('is filled in one pass: values are put in as they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, value, after) => {
        const [left, right] = [before, after].map((part) => part.replaceAll('%', ''));
        expect(expand(`${left}%mailFrom%${right}`, () => value).text).toBe(`${left}${value}${right}`);
      }),
    );
  });

  it('comes back as it was when each percent sign is doubled', () => {
    fc.assert(
      fc.property(fc.string(), (plain) => {
        const { text: filled, unknown } = expand(plain.replaceAll('%', '%%'), () => 'v');
        expect([filled, unknown]).toEqual([plain, []]);
      }),
    );
  });

  it('takes time in proportion to its length', () => {
    const long = `%${'a'.repeat(64)}`.repeat(2000);
    expect(expand(long, () => 'v').text).toBe(long);
  });
});

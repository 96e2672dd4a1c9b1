/** delayDelivery: every subset of the parts of a relative delay, and texts of all kinds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDelay } from '../../src/engine/stages/delay.js';
import { formatDate } from '../../src/message/date.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const blank = fc.constantFrom('', ' ', '  ');
const part = fc.option(fc.nat({ max: 99_999 }), { nil: undefined });

describe('a relative delay', () => {
  it('is the sum of the parts that are there', () => {
    const letters = fc.constantFrom('hms', 'HMS');
    const parts = fc.record({ h: part, m: part, s: part, letters, bare: fc.boolean() });
    fc.assert(
      fc.property(parts, blank, fc.constantFrom('', '+'), ({ h, m, s, letters, bare }, gap, plus) => {
        fc.pre(h !== undefined || m !== undefined || s !== undefined);
        const words = [
          ...(h === undefined ? [] : [`${h}${letters[0]}`]),
          ...(m === undefined ? [] : [`${m}${letters[1]}`]),
          ...(s === undefined ? [] : [`${s}${bare ? '' : letters[2]}`]),
        ];
        const seconds = ((h ?? 0) * 60 + (m ?? 0)) * 60 + (s ?? 0);
        expect(parseDelay(`${plus}${words.join(gap)}`, NOW)).toBe(NOW + seconds * 1000);
      }),
    );
  });

  it('has its parts in this order and each of them once', () => {
    const word = fc.tuple(fc.nat({ max: 999 }), fc.constantFrom('h', 'm', 's'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 4 }), (words) => {
        const letters = words.map(([, letter]) => letter).join('');
        fc.pre(!['hm', 'hs', 'ms', 'hms'].includes(letters));
        expect(parseDelay(`+${words.map(([n, letter]) => `${n}${letter}`).join(' ')}`, NOW)).toBeUndefined();
      }),
    );
  });

  it('holds at least one part', () => {
    for (const text of ['', '+', ' + ', 'h', '+m', 's', '-1h', '1.5h', '+ 1 d']) {
      expect([text, parseDelay(text, NOW)]).toEqual([text, undefined]);
    }
  });
});

describe('a delay as a date', () => {
  it('is that moment, whatever is written around it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4_000_000_000 }), blank, (seconds, gap) => {
        expect(parseDelay(`${gap}${formatDate(seconds * 1000)}${gap}`, NOW)).toBe(seconds * 1000);
      }),
    );
  });
});

describe('any text', () => {
  it('is a whole number of milliseconds, or undefined', () => {
    const unit = fc.constantFrom(...'0123456789hms+-: ,JanFri()'.split(''), '\t', '\r\n', '\u{1f600}');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit, maxLength: 200 })), (text) => {
        const at = parseDelay(text, NOW);
        expect(at === undefined || Number.isSafeInteger(at)).toBe(true);
      }),
    );
  });
});

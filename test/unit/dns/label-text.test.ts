import { describe, expect, it } from 'vitest';
import { isOddName, labelText, oddLabelOctets } from '../../../src/dns/label-text.js';

const textOf = (octets: Buffer): string => labelText(octets, 0, octets.length);

describe('labels as text', () => {
  it.each(['example', 'a b', 'a\\b', 'a\r\n\0b', 'b\u00fccher', '\u{1f4e7}', '\ufeffa', '\ufffd'])(
    'leaves %j as it is',
    (text) => {
      expect(textOf(Buffer.from(text))).toBe(text);
      expect(isOddName(text)).toBe(false);
    },
  );

  it.each([
    ['a dot', Buffer.from('a.b'), 'a\udc2eb'],
    ['a dot beside UTF-8', Buffer.from('\u00fc.b'), '\u00fc\udc2eb'],
    ['an octet that is no UTF-8', Buffer.from([0x61, 0xff]), 'a\udcff'],
    ['UTF-8 beside one', Buffer.from([0xc3, 0xbc, 0x2e, 0xff]), '\udcc3\udcbc\udc2e\udcff'],
    ['a surrogate in UTF-8', Buffer.from([0xed, 0xb0, 0xae]), '\udced\udcb0\udcae'],
  ])('writes %s so that it is told apart, and reads it back', (_, octets, text) => {
    expect(textOf(octets)).toBe(text);
    expect(isOddName(text)).toBe(true);
    expect(oddLabelOctets(text)).toEqual(octets);
  });

  it('reads only its own part', () => {
    expect(labelText(Buffer.from('.ab\u00fc'), 1, 3)).toBe('ab');
  });
});

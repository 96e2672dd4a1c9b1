import { describe, expect, it } from 'vitest';
import { formatHeaderField, isHeaderName } from '../../../src/message/header-field.js';

const field = (value: string) => formatHeaderField('X-Test', value).toString('latin1');

describe('formatHeaderField', () => {
  it('folds at spaces and stays under 78 characters', () => {
    const text = field('word '.repeat(60));
    expect(text.split('\r\n').every((line) => line.length <= 78)).toBe(true);
    expect(text.replaceAll('\r\n', '')).toBe(`X-Test: ${'word '.repeat(60).trim()}`);
  });

  it('cuts a word that no line can hold', () => {
    const lines = field('x'.repeat(3000)).split('\r\n');
    expect(lines.every((line) => line.length <= 998)).toBe(true);
    expect(lines.slice(1, -1).every((line) => line.startsWith(' '))).toBe(true);
  });

  it('never writes a line of white space alone', () => {
    for (const line of field(`${' '.repeat(300)}x${' '.repeat(300)}y`)
      .split('\r\n')
      .slice(0, -1)) {
      expect(line.trim()).not.toBe('');
    }
  });

  it('encodes what is not ASCII', () => {
    expect(field('Grüße an alle')).toBe('X-Test: =?UTF-8?B?R3LDvMOfZQ==?= an alle\r\n');
    expect(
      field('日本語'.repeat(40))
        .split('\r\n')
        .every((line) => line.length <= 80),
    ).toBe(true);
  });

  it('writes an empty value', () => {
    expect(field('')).toBe('X-Test:\r\n');
  });

  it('knows field names', () => {
    for (const name of ['X-Ok', 'x'.repeat(997)]) expect(isHeaderName(name)).toBe(true);
    for (const name of ['', 'a b', 'a:', 'ä', 'a\r', 'x'.repeat(998)]) expect(isHeaderName(name)).toBe(false);
  });

  it('writes every name that a message may hold, and cuts no word for its length', () => {
    for (const length of [77, 100, 997]) {
      const name = 'N'.repeat(length);
      const value = 'word '.repeat(300).trim();
      const lines = formatHeaderField(name, value).toString('latin1').split('\r\n');
      expect(lines.every((line) => line.length <= 998)).toBe(true);
      expect(lines.join('')).toBe(`${name}: ${value}`);
    }
  });
});

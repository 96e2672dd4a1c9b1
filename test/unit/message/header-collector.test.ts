import { describe, expect, it } from 'vitest';
import { createHeaderCollector } from '../../../src/message/header-collector.js';

function collect(pieces: readonly string[], limit = 1000) {
  const collector = createHeaderCollector(limit);
  let i = 0;
  for (const piece of pieces) {
    i += 1;
    const got = collector.feed(Buffer.from(piece));
    if (got.status === 'tooBig') return got.status;
    if (got.status === 'complete')
      return [got.octets.toString(), got.rest.toString() + pieces.slice(i).join('')];
  }
  return [collector.end().toString()];
}

describe('createHeaderCollector', () => {
  it('finds the blank line wherever the pieces are cut', () => {
    const text = 'A: b\r\nC: d\r\n\r\nbody\r\n\r\nmore\r\n';
    for (let i = 0; i <= text.length; i += 1) {
      for (let j = i; j <= text.length; j += 1) {
        const pieces = [text.slice(0, i), text.slice(i, j), text.slice(j)];
        expect(collect(pieces)).toEqual(['A: b\r\nC: d\r\n', 'body\r\n\r\nmore\r\n']);
      }
    }
  });

  it('takes a leading blank line for the end of an empty header', () => {
    expect(collect(['\r\nbody'])).toEqual(['', 'body']);
    expect(collect(['\r', '\nbody'])).toEqual(['', 'body']);
  });

  it('gives all there is when no blank line came', () => {
    expect(collect(['A: b\r\n', 'C: d\r\n'])).toEqual(['A: b\r\nC: d\r\n']);
    expect(collect([])).toEqual(['']);
  });

  it('keeps copies of small pieces, which would take hundreds of times their size', () => {
    const collector = createHeaderCollector(1000);
    const piece = Buffer.from('A');
    collector.feed(piece);
    piece.fill(0);
    expect(collector.end().toString()).toBe('A');
  });

  it('keeps nothing beyond the limit', () => {
    expect(collect(['x'.repeat(11)], 10)).toBe('tooBig');
    expect(collect(['x'.repeat(6), 'x'.repeat(6)], 10)).toBe('tooBig');
    expect(collect([`${'x'.repeat(11)}\r\n\r\n`], 10)).toBe('tooBig');
  });
});

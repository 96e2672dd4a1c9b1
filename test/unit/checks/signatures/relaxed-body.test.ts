import { describe, expect, it } from 'vitest';
import { Piece, Relaxation } from '../../../../src/checks/signatures/relaxed-body.js';

/** The text at every place that memory can give it. */
function piecesOf(text: string): Piece[] {
  return [0, 1, 2, 3].map((shift) => {
    const memory = Buffer.alloc(text.length + 8, ' ');
    memory.write(text, shift, 'latin1');
    return new Piece(memory.subarray(shift, shift + text.length));
  });
}

const EVEN =
  'Even text! with (all) sorts of !signs, \u00a0\u0120\u0089 and\r\nline\nends\r\n\r\n.\r\n'.repeat(3);

describe('the search for what is not relaxed', () => {
  it('finds nothing in even text', () => {
    for (const piece of piecesOf(EVEN)) expect(piece.unevenAt(0, EVEN.length)).toBe(EVEN.length);
    for (const piece of piecesOf('')) expect(piece.unevenAt(0, 0)).toBe(0);
  });

  it.each(['\t', '  ', ' \t', ' \r', '\t '])('finds %j wherever it stands', (found) => {
    for (let at = 0; at <= 40; at += 1) {
      const text = `${EVEN.replaceAll(' ', '.').slice(0, at)}${found}\n${EVEN}`;
      for (const piece of piecesOf(text)) expect(piece.unevenAt(0, text.length)).toBe(at);
    }
  });

  it('finds a space at the end, whose line may end there', () => {
    for (let length = 0; length < 12; length += 1) {
      const text = `${'x'.repeat(length)} `;
      for (const piece of piecesOf(text)) expect(piece.unevenAt(0, text.length)).toBe(length);
    }
  });

  it('begins where it is told, and looks no further than it is told', () => {
    const text = 'a  b cdefghijk  lmnopqrstuvw\txyz';
    for (const piece of piecesOf(text)) {
      expect([2, 3, 16, 28].map((from) => piece.unevenAt(from, text.length))).toEqual([14, 14, 28, 28]);
      expect(piece.unevenAt(29, text.length)).toBe(text.length);
      expect(piece.unevenAt(3, 10)).toBeGreaterThanOrEqual(10);
    }
  });

  it('takes no time for what lies behind the end', () => {
    const piece = new Piece(Buffer.from(`${'x'.repeat(5000)}  `));
    expect(piece.unevenAt(0, 8)).toBe(8);
  });
});

describe('the relaxed form', () => {
  const written = Buffer.alloc(10_000);
  const relaxed = (...texts: readonly string[]): string => {
    const relaxation = new Relaxation();
    const pieces = texts.map((text) => {
      const octets = Buffer.from(text, 'latin1');
      const length = relaxation.write(new Piece(octets), 0, octets.length, written);
      return written.toString('latin1', 0, length);
    });
    return pieces.join('') + relaxation.rest();
  };

  it('is one space for many, and none at the end of a line', () => {
    expect(relaxed('a \t b\t\r\n c  \r\n\r\n')).toBe('a b\r\n c\r\n\r\n');
    expect(relaxed('a ', ' \r', '\nb\t', '\r\n')).toBe('a\r\nb\r\n');
  });

  it('is a space where a CR ends no line', () => {
    expect(relaxed('a \rb', ' \r', 'c \r')).toBe('a \rb \rc \r');
    expect(relaxed(' \r\r\n')).toBe(' \r\r\n');
  });

  it('is the same between uneven places near and far', () => {
    const far = 'Words. '.repeat(100);
    expect(relaxed(`a\tb${far}\tc  d\r\n${far}\r\n${far}`)).toBe(
      `a b${far}c d\r\n${far.trimEnd()}\r\n${far.trimEnd()}`,
    );
  });
});

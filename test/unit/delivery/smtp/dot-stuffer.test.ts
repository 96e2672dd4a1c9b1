import { describe, expect, it } from 'vitest';
import { createDotStuffer } from '../../../../src/delivery/smtp/dot-stuffer.js';

function stuffed(...pieces: readonly string[]): string {
  const stuffer = createDotStuffer();
  const out = pieces.flatMap((piece) => stuffer.push(Buffer.from(piece, 'latin1')));
  return Buffer.concat([...out, stuffer.end()]).toString('latin1');
}

describe('createDotStuffer', () => {
  it.each([
    ['', '.\r\n'],
    ['a\r\n', 'a\r\n.\r\n'],
    ['a', 'a\r\n.\r\n'],
    ['.', '..\r\n.\r\n'],
    ['.\r\n..\r\na.b\r\n', '..\r\n...\r\na.b\r\n.\r\n'],
    ['a\r\n\r\n.', 'a\r\n\r\n..\r\n.\r\n'],
    ['a\n.\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r.\rb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r', 'a\r\n.\r\n'],
    ['\r\r\n.\r', '\r\n\r\n..\r\n.\r\n'],
    ['\n', '\r\n.\r\n'],
  ])('%j', (content, wire) => {
    expect(stuffed(content)).toBe(wire);
    expect(stuffed(...content)).toBe(wire);
  });

  it('hands on what needs no change without a copy', () => {
    const piece = Buffer.from('no dots here\r\nand none here\r\n');
    const [only, more] = createDotStuffer().push(piece);
    expect([only?.buffer === piece.buffer, only?.length, more]).toEqual([true, piece.length, undefined]);
  });
});

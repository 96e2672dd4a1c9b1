import { describe, expect, it } from 'vitest';
import { createDataScanner } from '../../../../src/engine/listener/data-scanner.js';

function scan(pieces: readonly string[]): { content: string; rest: string | undefined } {
  const scanner = createDataScanner();
  let content = '';
  let rest: string | undefined;
  for (const piece of pieces) {
    if (rest !== undefined) {
      rest += piece;
      continue;
    }
    const scanned = scanner.feed(Buffer.from(piece, 'latin1'));
    content += scanned.content.toString('latin1');
    rest = scanned.rest?.toString('latin1');
  }
  return { content, rest };
}

describe('createDataScanner', () => {
  it.each([
    ['.\r\nQUIT\r\n', '', 'QUIT\r\n'],
    ['a\r\n.\r\nQUIT', 'a\r\n', 'QUIT'],
    ['..\r\n.\r\n', '.\r\n', ''],
    ['.a\r\n.\r\n', 'a\r\n', ''],
    ['a\r\n..b\r\n...\r\n.\r\n', 'a\r\n.b\r\n..\r\n', ''],
    ['a\n.\n.\r\n\r\n.\r\n', 'a\n.\n.\r\n\r\n', ''],
    ['a\n..b\r\n.\r\n', 'a\n..b\r\n', ''],
    ['a\r\n.\rb\r\n.\r\n', 'a\r\n\rb\r\n', ''],
    ['a\r\n.\r\r\n.\r\n', 'a\r\n\r\r\n', ''],
    ['a\r\n.\nb\r\n.\r\n', 'a\r\n\nb\r\n', ''],
    ['\r\r\n.\r\n', '\r\r\n', ''],
  ])('%j, cut anywhere', (text, content, rest) => {
    for (let i = 0; i <= text.length; i += 1) {
      for (let j = i; j <= text.length; j += 1) {
        expect(
          scan([text.slice(0, i), text.slice(i, j), text.slice(j)].filter((piece) => piece !== '')),
        ).toEqual({ content, rest });
      }
    }
  });

  it('goes on while no end has come', () => {
    expect(scan(['a\r\n', '.'])).toEqual({ content: 'a\r\n', rest: undefined });
  });

  it('does not copy content without dots', () => {
    const piece = Buffer.from('a\r\nb\r\n');
    expect(createDataScanner().feed(piece).content.buffer).toBe(piece.buffer);
  });
});

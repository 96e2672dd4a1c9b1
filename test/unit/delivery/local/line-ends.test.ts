import { describe, expect, it } from 'vitest';
import { createLineEndConverter } from '../../../../src/delivery/local/line-ends.js';

function convert(...pieces: string[]): string {
  const lines = createLineEndConverter();
  const out = pieces.map((piece) => lines.convert(Buffer.from(piece, 'latin1')));
  return Buffer.concat([...out, lines.end()]).toString('latin1');
}

describe('createLineEndConverter', () => {
  it('turns CRLF into LF, also over the border of two pieces', () => {
    expect(convert('a\r\nb\r\n')).toBe('a\nb\n');
    expect(convert('a\r', '\nb')).toBe('a\nb');
    expect(convert('a\r', '', '\nb')).toBe('a\nb');
  });

  it('leaves everything else alone', () => {
    expect(convert('a\rb\nc\r\r\n')).toBe('a\rb\nc\r\n');
    expect(convert('end\r')).toBe('end\r');
    expect(convert('\r', '\r', 'x')).toBe('\r\rx');
    expect(convert('\xff\x00')).toBe('\xff\x00');
  });
});

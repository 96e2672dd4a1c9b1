import { describe, expect, it } from 'vitest';
import { createLineEndingGuard, type LineEndingMode } from '../../../src/message/line-endings.js';

function through(mode: LineEndingMode, ...pieces: string[]): string | undefined {
  const guard = createLineEndingGuard(mode);
  let out = '';
  for (const piece of pieces) {
    const fed = guard.feed(Buffer.from(piece, 'latin1'));
    if (!fed) return undefined;
    out += fed.toString('latin1');
  }
  const rest = guard.end();
  return rest && out + rest.toString('latin1');
}

describe('line endings', () => {
  it('passes clean content through without copying it', () => {
    const piece = Buffer.from('a\r\nb\r\n');
    expect(createLineEndingGuard('reject').feed(piece)).toBe(piece);
    expect(createLineEndingGuard('normalize').feed(piece)).toEqual(piece);
  });

  it.each([
    [['a\nb\r\n']],
    [['a\rb\r\n']],
    [['a\r\r\n']],
    [['a\n\r\n']],
    [['a\0b']],
    [['a\r', 'b']],
    [['a', '\nb']],
    [['a\r\n', '\n']],
    [['a\r']],
    [['\n']],
    [['a\r\nb\rc\r\n']],
    [['a\r\nb\nc\r\n']],
  ])('refuses %j', (pieces) => {
    expect(through('reject', ...pieces)).toBeUndefined();
  });

  it('takes a CRLF that was cut in two', () => {
    expect(through('reject', 'a\r', '\nb\r', '\n')).toBe('a\r\nb\r\n');
    expect(through('normalize', 'a\r', '\nb\r', '\n')).toBe('a\r\nb\r\n');
  });

  it.each([
    [['a\nb\r\n'], 'a\r\nb\r\n'],
    [['a\rb'], 'a\r\nb'],
    [['a\r\r\nb'], 'a\r\n\r\nb'],
    [['a\n\r\nb'], 'a\r\n\r\nb'],
    [['a\0b'], 'ab'],
    [['a\r\0\nb'], 'a\r\n\r\nb'],
    [['a\r\0', '\nb'], 'a\r\n\r\nb'],
    [['a\r', 'b'], 'a\r\nb'],
    [['a\r'], 'a\r\n'],
    [['a\r', '\r', '\n'], 'a\r\n\r\n'],
    [['\xff\n'], '\xff\r\n'],
  ])('repairs %j', (pieces, expected) => {
    expect(through('normalize', ...pieces)).toBe(expected);
  });
});

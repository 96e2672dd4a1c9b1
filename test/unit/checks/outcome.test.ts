import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/checks/outcome.js';

describe('text of strangers', () => {
  it('becomes one line', () => {
    expect(printable(' a\r\n250 OK\u0000\u001b[31m\u2028b\u202e  c ')).toBe('a 250 OK [31m b c');
    expect(printable('grün 雪')).toBe('grün 雪');
    expect(printable('\ud800x')).toBe('x');
  });

  it('is cut', () => {
    expect(printable('x'.repeat(1_000_000))).toHaveLength(400);
    expect(printable('abcdef', 5)).toBe('ab...');
    expect(printable('abcde', 5)).toBe('abcde');
  });
});

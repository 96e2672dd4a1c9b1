import { describe, expect, it } from 'vitest';
import { formatTable } from '../../../src/cli/text-table.js';

describe('formatTable', () => {
  it('aligns all columns but the last and keeps each row on its line', () => {
    const rows = [
      ['A', 'LONG', 'C'],
      ['aaa', 'b', 'c\nd'],
    ];
    expect(formatTable(rows)).toBe('A    LONG  C\naaa  b     c d');
  });

  it('is empty without rows', () => {
    expect(formatTable([])).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { parseDelay } from '../../../../src/engine/stages/delay.js';

const NOW = Date.UTC(2026, 0, 1);

describe('parseDelay', () => {
  it.each([
    ['+20s', 20],
    ['+10m', 600],
    ['+1h', 3600],
    ['+1h 30m 10s', 5410],
    ['+1h30m', 5400],
    ['+ 2 h 5', 7205],
    ['90', 90],
    ['+90', 90],
    ['1H', 3600],
  ])('%s', (text, seconds) => {
    expect(parseDelay(text, NOW)).toBe(NOW + seconds * 1000);
  });

  it('reads a date', () => {
    expect(parseDelay('Thu, 1 Jan 2026 02:00:00 +0100', NOW)).toBe(NOW + 3_600_000);
  });

  it.each(['', '+', 'later', '+1d', '+1m 1h', '-5', `+${'9'.repeat(40)}`])('refuses %j', (text) => {
    expect(parseDelay(text, NOW)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { createTally } from '../../../src/metrics/tally.js';

function drained(tally: ReturnType<typeof createTally>): unknown[] {
  const sums: unknown[] = [];
  tally.drain((labels, count) => sums.push([labels, count]));
  return sums;
}

describe('a tally', () => {
  it('sums up by the values of the labels', () => {
    const tally = createTally(['verb', 'class']);
    tally.add(1, 'MAIL', '2xx');
    tally.add(1, 'MAIL', '5xx');
    tally.add(1, 'MAIL', '2xx');
    tally.add(1, 'RCPT', '2xx');
    expect(drained(tally)).toEqual([
      [{ verb: 'MAIL', class: '2xx' }, 2],
      [{ verb: 'MAIL', class: '5xx' }, 1],
      [{ verb: 'RCPT', class: '2xx' }, 1],
    ]);
  });

  it('keeps apart values that would be the same when joined', () => {
    const tally = createTally(['policy', 'event']);
    tally.add(1, 'a,b', 'c');
    tally.add(1, 'a', 'b,c');
    expect(drained(tally)).toHaveLength(2);
  });

  it('counts without labels, and by other amounts than one', () => {
    const tally = createTally([]);
    tally.add(100);
    tally.add(20);
    expect(drained(tally)).toEqual([[{}, 120]]);
  });

  it('hands out each sum once', () => {
    const tally = createTally(['reason']);
    tally.add(1, 'quit');
    drained(tally);
    expect(drained(tally)).toEqual([]);
    tally.add(1, 'quit');
    expect(drained(tally)).toEqual([[{ reason: 'quit' }, 1]]);
  });
});

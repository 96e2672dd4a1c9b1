import { describe, expect, it } from 'vitest';
import { Turns } from '../../../../src/checks/signatures/turns.js';
import { gate, turns as settle } from '../../../helpers/gate.js';

describe('Turns', () => {
  it('runs so many at once and the others in order, whatever becomes of them', async () => {
    const turns = new Turns(2);
    const doors = [gate(), gate(), gate(), gate()];
    const begun: number[] = [];
    const ended = doors.map((door, index) =>
      turns
        .take(async () => {
          begun.push(index);
          await door.passed;
          if (index === 0) throw new Error('no');
          return index;
        })
        .catch((error: unknown) => String(error)),
    );
    await settle(2);
    expect(begun).toEqual([0, 1]);
    doors[0]?.open();
    await settle(2);
    expect(begun).toEqual([0, 1, 2]);
    for (const door of doors) door.open();
    expect(await Promise.all(ended)).toEqual(['Error: no', 1, 2, 3]);
    expect(await turns.take(async () => 'again')).toBe('again');
  });
});

import { describe, expect, it } from 'vitest';
import { createNumberSource } from '../../../src/dns/random-numbers.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

describe('numbers for ids and ports', () => {
  it('are the octets of the clock, each used once, drawn many at a time', () => {
    const clock = createFakeClock();
    const sizes: number[] = [];
    const given: Buffer[] = [];
    const draw = createNumberSource({
      ...clock,
      random(size) {
        sizes.push(size);
        const octets = clock.random(size);
        given.push(Buffer.from(octets));
        return octets;
      },
    });
    const numbers = Array.from({ length: 600 }, draw);
    expect(sizes).toEqual([512, 512, 512]);
    const all = Buffer.concat(given);
    expect(numbers).toEqual(numbers.map((_, index) => all.readUInt16BE(index * 2)));
  });
});

import { describe, expect, it } from 'vitest';
import { addToCrc } from '../../../src/queue/checksum.js';

describe('addToCrc', () => {
  it('gives the same for the whole and for its pieces', () => {
    const whole = Buffer.from('123456789');
    expect(addToCrc(0, whole)).toBe(0xcbf43926);
    expect(addToCrc(addToCrc(0, whole.subarray(0, 4)), whole.subarray(4))).toBe(0xcbf43926);
  });

  it('is not changed by an empty piece', () => {
    expect(addToCrc(77, Buffer.alloc(0))).toBe(77);
    expect(addToCrc(77, new Uint8Array(0))).toBe(77);
  });
});

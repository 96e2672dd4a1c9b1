/** Counters of rates as they stand in the database: read back as written, and never more than there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRuns, encodeRuns } from '../../src/queue/rate-window.js';

const uint32 = fc.integer({ min: 0, max: 0xff_ff_ff_ff });

describe('runs of a rate', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(uint32, fc.array(fc.record({ at: uint32, count: uint32 })), (base, given) => {
        const offsets = given.map(({ at }) => at).sort((one, other) => one - other);
        const first = offsets[0] ?? 0;
        const runs = given.map(({ count }, at) => ({ at: base + (offsets[at] ?? 0) - first, count }));
        expect(decodeRuns(base, encodeRuns(runs))).toEqual(runs);
      }),
    );
  });

  it('are none, or one for eight octets, whatever stands there', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), uint32, (octets, base) => {
        const runs = decodeRuns(base, octets);
        expect(runs).toHaveLength(octets.length % 8 === 0 ? octets.length / 8 : 0);
        for (const { at, count } of runs) expect(at >= base && count >= 0).toBe(true);
      }),
    );
  });
});

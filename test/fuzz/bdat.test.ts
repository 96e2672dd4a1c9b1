import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitChunk, type ChunkedTransfer, failTransfer, NO_CHUNKS, parseBdat } from '../../src/smtp/bdat.js';

const size = fc.oneof(fc.nat(3000), fc.maxSafeNat());
const step = fc.record({ size, last: fc.boolean(), refused: fc.boolean(), hasRecipients: fc.boolean() });

describe('BDAT', () => {
  it('gives a whole number within bounds, or nothing, for any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'0123456789 -+xLASTlast\t'), maxLength: 30 }),
    );
    fc.assert(
      fc.property(text, (input) => {
        const parsed = parseBdat(input);
        if (parsed.status === 'bad') return;
        expect(Number.isSafeInteger(parsed.command.size)).toBe(true);
        expect(BigInt(parsed.command.size)).toBe(BigInt(/^\d+/.exec(input)?.[0] ?? '-1'));
        expect(parsed.command.last).toBe(/last/i.test(input));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps its counts below their limits, and never goes back from a failure', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let transfer: ChunkedTransfer = NO_CHUNKS;
        for (const { refused, hasRecipients, ...command } of steps) {
          const limits = { hasRecipients, maxOctets: 10_000, maxSkipped: 20_000 };
          const decision = admitChunk(transfer, command, limits);
          if (decision.status === 'end') {
            expect(command.size).toBeGreaterThan(0);
            return;
          }
          const { next } = decision;
          const took = decision.status === 'take';
          expect(next.octets + next.skipped).toBe(transfer.octets + transfer.skipped + command.size);
          expect(next.octets).toBeLessThanOrEqual(10_000);
          expect(next.skipped).toBeLessThanOrEqual(20_000);
          if (took) expect(['none', 'open']).toContain(transfer.phase);
          transfer = took && refused ? failTransfer(next) : next;
        }
      }),
    );
  });
});

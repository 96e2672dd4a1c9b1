import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyHash, type Canonicalization } from '../../src/checks/signatures/body-hash.js';
import { hashOf } from '../helpers/text-signer.js';

interface Theirs {
  update(octets: Buffer): void;
  digest(encoding: 'base64'): string;
  readonly canonicalizedLength: number;
}
const { dkimBody } = createRequire(import.meta.url)('mailauth/lib/dkim/body/index.js') as {
  dkimBody: (canonicalization: string, algorithm: string, limit: number | '') => Theirs;
};

/** Lines of the octets that matter. A bare LF is no line end here, and one for the library. */
const bodies = fc
  .array(fc.constantFrom('a', 'b c', ' ', '\t', '\r\n', '\r\n', '  ', ' \r\n', '\u00ff', '.'), {
    maxLength: 60,
  })
  .map((units) => units.join(''));
/** Where it is cut: any sizes, again and again. */
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

function cut(body: string, sizes: readonly number[]): Buffer[] {
  const octets = Buffer.from(body, 'latin1');
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < octets.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(octets.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const ways = fc.record({
  canonicalization: fc.constantFrom<Canonicalization>('simple', 'relaxed'),
  algorithm: fc.constantFrom<'sha256' | 'sha1'>('sha256', 'sha1'),
  limit: fc.option(fc.nat(40), { nil: undefined }),
});

describe('the hash of a body', () => {
  it('is that of the library, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(bodies, cuts, ways, (body, sizes, { canonicalization, algorithm, limit }) => {
        const ours = new BodyHash({ canonicalization, algorithm, ...(limit !== undefined && { limit }) });
        const theirs = dkimBody(canonicalization, algorithm, limit ?? '');
        for (const piece of cut(body, sizes)) ours.update(piece);
        theirs.update(Buffer.from(body, 'latin1'));
        expect(ours.digest('base64')).toBe(theirs.digest('base64'));
        expect(ours.canonicalizedLength).toBe(theirs.canonicalizedLength);
        expect(ours.byteLength).toBe(body.length);
      }),
      { numRuns: 5000 },
    );
  });

  it('is that of the definition, where lines end as they should', () => {
    const lines = fc.array(fc.constantFrom('a', ' a  b ', '', '\t', ' ', '\u00e9\u00a0 x'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(lines, fc.nat(20), ways, (texts, piece, { canonicalization, limit }) => {
        const body = texts.map((text) => `${text}\r\n`).join('');
        const ours = new BodyHash({
          canonicalization,
          algorithm: 'sha256',
          ...(limit !== undefined && { limit }),
        });
        const octets = Buffer.from(body, 'latin1');
        for (let at = 0; at < octets.length; at += piece + 1)
          ours.update(octets.subarray(at, at + piece + 1));
        expect(ours.digest('base64')).toBe(hashOf(body, canonicalization, limit));
      }),
      { numRuns: 2000 },
    );
  });

  it('is that of the library in long pieces, with much or little to write anew', () => {
    const plain = fc.constantFrom('word ', 'words,', '\r\n', 'x!', '\u00e9', '=20', '-'.repeat(150));
    const uneven = fc.constantFrom('  ', '\t', ' \r\n', ' \t \r\n', '\r\n  ');
    const many = fc
      .tuple(
        fc.integer({ min: 0, max: 100 }),
        fc.array(fc.tuple(plain, uneven, fc.nat(100)), { maxLength: 400 }),
      )
      .map(([share, units]) => units.map(([even, odd, turn]) => (turn < share ? even + odd : even)).join(''));
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(many, sizes, fc.constantFrom(1, 10, 50), (body, pieces, times) => {
        const ours = new BodyHash({ canonicalization: 'relaxed', algorithm: 'sha256' });
        const theirs = dkimBody('relaxed', 'sha256', '');
        const text = body.repeat(times);
        for (const piece of times === 50 ? [Buffer.from(text, 'latin1')] : cut(text, pieces))
          ours.update(piece);
        theirs.update(Buffer.from(text, 'latin1'));
        expect(ours.digest('base64')).toBe(theirs.digest('base64'));
      }),
      { numRuns: 300 },
    );
  });
});

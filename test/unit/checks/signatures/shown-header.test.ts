import { describe, expect, it } from 'vitest';
import { shownHeader } from '../../../../src/checks/signatures/shown-header.js';

function linesOf(...fields: readonly string[]) {
  const parsed = fields.map((field) => {
    const name = field.slice(0, field.indexOf(':'));
    return { key: name.toLowerCase(), casedKey: name, line: Buffer.from(field, 'latin1') };
  });
  return { parsed, original: Buffer.alloc(0) };
}

const shownTexts = (...fields: readonly string[]): string[] =>
  shownHeader(linesOf(...fields)).headers.parsed.map(({ line }) => line.toString('latin1'));

describe('the header that the library is shown', () => {
  it('has what is signed by, and nothing else', () => {
    const used = ['DKIM-Signature: v=1', 'ARC-Seal: i=1'];
    const shown = shownTexts(
      'Received: x',
      'From: a@b.test',
      'Content-Type: a/b',
      'Return-Path: <x@y>',
      ...used,
    );
    expect(shown).toEqual(used);
  });

  it('has no more than ten signatures, and one for all the others', () => {
    const signatures = Array.from({ length: 30 }, (_, at) => `DKIM-Signature: n=${at}`);
    const { headers, refused } = shownHeader(linesOf(...signatures));
    expect(headers.parsed.map(({ line }) => line.toString())).toEqual([
      ...signatures.slice(0, 10),
      'DKIM-Signature:',
    ]);
    expect([...refused.values()]).toEqual(['too many signatures']);
  });

  it('has one line in place of a signature that is too long, alone or with the others', () => {
    const long = `DKIM-Signature: ${'x'.repeat(20_000)}`;
    expect([...shownHeader(linesOf(long, 'DKIM-Signature: v=1')).refused.values()]).toEqual([
      'signature too long',
    ]);
    const big = `DKIM-Signature: ${'x'.repeat(15_000)}`;
    expect([...shownHeader(linesOf(big, big, big)).refused.values()]).toEqual(['signatures too long']);
  });

  it('has long runs of white space made short, and knows what they were', () => {
    const spaced = `DKIM-Signature: v=1;${'\r\n \t'.repeat(500)}a=b`;
    const { headers, original } = shownHeader(linesOf(spaced, 'DKIM-Signature: v = 1;\r\n  a=b'));
    expect(headers.parsed.map(({ line }) => line.toString())).toEqual([
      'DKIM-Signature: v=1; a=b',
      'DKIM-Signature: v = 1;\r\n  a=b',
    ]);
    expect([...original.values()].map(String)).toEqual([spaced]);
  });

  it('has no chain that is too long, and says so', () => {
    const seal = `ARC-Seal: i=1; ${'x'.repeat(9000)}`;
    const many = shownHeader(linesOf(...Array.from({ length: 20 }, () => seal)));
    expect([many.chainFault, many.headers.parsed]).toEqual(['the chain is too long', []]);
    const big = shownHeader(linesOf(seal + seal));
    expect([big.chainFault, big.headers.parsed]).toEqual(['a field of the chain is too long', []]);
  });
});

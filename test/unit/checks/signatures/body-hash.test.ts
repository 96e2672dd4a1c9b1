import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BodyHash, type BodyHashOptions } from '../../../../src/checks/signatures/body-hash.js';
import { canonicalBody } from '../../../helpers/text-signer.js';

function hashed(body: string, options: Partial<BodyHashOptions> = {}, piece = body.length): BodyHash {
  const hash = new BodyHash({ canonicalization: 'simple', algorithm: 'sha256', ...options });
  const octets = Buffer.from(body, 'latin1');
  for (let at = 0; at < octets.length; at += Math.max(1, piece)) {
    hash.update(octets.subarray(at, at + Math.max(1, piece)));
  }
  return hash;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('base64');

describe('an empty body', () => {
  // RFC 6376 §3.4.3 and §3.4.4 print these.
  it.each([
    ['simple', 'sha1', 'uoq1oCgLlTqpdDX/iUbLy7J1Wic='],
    ['simple', 'sha256', 'frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY='],
    ['relaxed', 'sha1', '2jmj7l5rSw0yVb/vlWAYkK/YBwk='],
    ['relaxed', 'sha256', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
  ] as const)('%s with %s', (canonicalization, algorithm, expected) => {
    for (const body of ['', '\r\n', '\r\n\r\n\r\n']) {
      expect(hashed(body, { canonicalization, algorithm }).digest('base64')).toBe(expected);
    }
  });
});

/** Body, its simple form, its relaxed form. */
const FORMS: readonly (readonly [string, string, string])[] = [
  [' C \r\nD \t E\r\n\r\n\r\n', ' C \r\nD \t E\r\n', ' C\r\nD E\r\n'],
  ['a', 'a\r\n', 'a\r\n'],
  ['a\r\n', 'a\r\n', 'a\r\n'],
  ['\r\na', '\r\na\r\n', '\r\na\r\n'],
  ['a\r\n\r\nb\r\n\r\n', 'a\r\n\r\nb\r\n', 'a\r\n\r\nb\r\n'],
  [' \r\n', ' \r\n', ''],
  [' \t', ' \t\r\n', ''],
  ['a \t\r\n \r\n', 'a \t\r\n \r\n', 'a\r\n'],
  ['a\tb  c', 'a\tb  c\r\n', 'a b c\r\n'],
  ['\u00a0\u00ff \u00a0\r\n', '\u00a0\u00ff \u00a0\r\n', '\u00a0\u00ff \u00a0\r\n'],
  ['a\rb \r\r\n', 'a\rb \r\r\n', 'a\rb \r\r\n'],
  ['a \r', 'a \r\r\n', 'a \r\r\n'],
  ['a\nb \n', 'a\nb \n\r\n', 'a\nb \n\r\n'],
];

describe.each(FORMS)('%j', (body, simple, relaxed) => {
  it.each([1, 2, 3, 100])('in pieces of %i', (piece) => {
    const one = hashed(body, {}, piece);
    expect(one.digest('base64')).toBe(sha256(simple));
    expect([one.byteLength, one.canonicalizedLength]).toEqual([body.length, simple.length]);
    const other = hashed(body, { canonicalization: 'relaxed' }, piece);
    expect(other.digest('base64')).toBe(sha256(relaxed));
    expect(other.canonicalizedLength).toBe(relaxed.length);
  });
});

describe('a limit', () => {
  it.each([0, 1, 4, 5, 6, 7, 100])('of %i octets covers so many of the canonical body', (limit) => {
    const hash = hashed('a  b\r\nc\r\n\r\n', { canonicalization: 'relaxed', limit }, 1);
    const canonical = 'a b\r\nc\r\n';
    expect(hash.digest('base64')).toBe(sha256(canonical.slice(0, limit)));
    expect(hash.bodyHashedBytes).toBe(Math.min(limit, canonical.length));
    expect(hash.canonicalizedLength).toBe(canonical.length);
  });
});

describe('a hostile body', () => {
  it.each([
    ['line ends alone', '\r\n'],
    ['spaces alone', ' '],
    ['one line', 'x'],
    ['white space at the end of each line', 'x \r\n'],
  ])('of %s is hashed piece by piece and not kept', (_title, unit) => {
    const body = unit.repeat(200_000);
    for (const canonicalization of ['simple', 'relaxed'] as const) {
      const hash = hashed(body, { canonicalization }, 16_384);
      expect(hash.digest('base64')).toBe(sha256(canonicalBody(body, canonicalization)));
    }
  });

  it('keeps line ends that turn out to lie inside', () => {
    const body = `a${'\r\n'.repeat(100_000)}b\r\n`;
    expect(hashed(body, {}, 16_384).digest('base64')).toBe(sha256(body));
  });
});

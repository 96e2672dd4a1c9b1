import { describe, expect, it } from 'vitest';
import { authservIdOf, isRecognizable, removeForged } from '../../../src/message/authserv-id.js';
import { parseHeader } from '../../../src/message/header-block.js';

const header = (octets: string | Buffer) => parseHeader(Buffer.from(octets)).header;

describe('authservIdOf', () => {
  it.each([
    ['mx.example.org; none', 'mx.example.org'],
    [' mx.example.org;spf=pass', 'mx.example.org'],
    ['MX.example.org 1; spf=pass', 'MX.example.org'],
    ['(a (nested) comment \\) ) mx.example.org (x) 1 (y) ; none', 'mx.example.org'],
    ['\r\n\t(fold\r\n ed)\r\n mx.example.org\r\n ;none', 'mx.example.org'],
    ['"quoted; \\"id\\"" ; none', 'quoted; "id"'],
    ['mx.example.org', 'mx.example.org'],
    ['mx.bücher.example; none', 'mx.bücher.example'],
  ])('reads %j', (value, id) => {
    expect(authservIdOf(value)).toBe(id);
  });

  it.each([
    '',
    ';',
    '; mx.example.org',
    '(never closed mx; none',
    '"never closed; none',
    'mx/1; none',
    'a b; none',
  ])('reads no id in %j', (value) => {
    expect(authservIdOf(value)).toBeUndefined();
  });
});

const OURS = 'mx.example.org';

describe('removeForged', () => {
  it.each([
    'mx.example.org; spf=pass',
    'MX.EXAMPLE.ORG ;spf=pass',
    'mx.example.org',
    'mx.example.org;',
    'mx.example.org 1; spf=pass',
    'mx.example.org/1; spf=pass',
    'mx.example.org.; spf=pass',
    '"mx.example.org"; spf=pass',
    '"mx\\.example.org"; spf=pass',
    '" mx.example.org "; spf=pass',
    '"mx.example.org; spf=pass',
    '(comment) mx.example.org; spf=pass',
    '(nested (comment)) mx.example.org (x); spf=pass',
    '(never closed mx.example.org; spf=pass',
    '(a(b) mx.example.org; dkim=pass) other.example; x=y',
    '(a\\) mx.example.org; dkim=pass',
    '(a\\) mx.example.org; dkim=pass) other.example; x=y',
    '( (a=b) mx.example.org; dkim=pass',
    '; mx.example.org; spf=pass',
    ', mx.example.org; spf=pass',
    '""; mx.example.org; spf=pass',
    '"" mx.example.org; spf=pass',
    '= mx.example.org; spf=pass',
    '<mx.example.org>; spf=pass',
    '[mx.example.org]; spf=pass',
    'mx.example.org:25; spf=pass',
    'mx.example.org spf=pass',
    'mx.example.org\tspf=pass',
    'mx.example.org, spf=pass',
    'mx.example.org=; spf=pass',
    'other.example mx.example.org; spf=pass',
    'mx . example . org; spf=pass',
    'mx.\r\n example.org; spf=pass',
    'mx.(x)example.org; spf=pass',
    '\r\n mx.example.org\r\n ; spf=pass',
    '\0mx.example.org; spf=pass',
    'mx.example.org\0.evil.example; spf=pass',
    'mx.exa\0mple.org; spf=pass',
    'mx.example\u200b.org; spf=pass',
    '\u00a0mx.example.org\u00a0; spf=pass',
    '\ufeffmx.example.org; spf=pass',
    'ｍｘ.example.org; spf=pass',
    '=?utf-8?q?mx.example.org?=; spf=pass',
    '=?utf-8?q?mx=2Eexample=2Eorg?=; spf=pass',
    `=?utf-8?b?${Buffer.from('mx.example.org; spf=pass').toString('base64')}?=`,
  ])('removes %j', (value) => {
    const result = removeForged(header(`Authentication-Results: ${value}\r\nSubject: x\r\n`), OURS);
    expect(result.removed).toBe(1);
    expect(result.header.toBuffer().toString()).toBe('Subject: x\r\n\r\n');
  });

  it.each([
    'other.example; spf=pass smtp.mailfrom=mx.example.org',
    'other.example (asked by mx.example.org); spf=pass',
    '(mx.example.org) other.example; spf=pass',
    'other.example; spf=pass (mx.example.org: domain of a designates b)',
    'sub.mx.example.org; spf=pass',
    'example.org; spf=pass',
    'mx.example.org.evil.example; spf=pass',
    'mx.example.organ; spf=pass',
    'mx-example.org; spf=pass',
    '"other; mx.example.org"; spf=pass',
    'malformed other; spf=pass mx.example.org',
    '(never closed; spf=pass',
    '',
  ])('keeps %j', (value) => {
    const before = header(`Authentication-Results: ${value}\r\n`);
    const { header: after, removed } = removeForged(before, OURS);
    expect(removed).toBe(0);
    expect(after).toBe(before);
  });

  it('takes each of them in any letter case and keeps the rest octet for octet', () => {
    const others = 'ARC-Authentication-Results: i=1; mx.example.org; spf=pass\r\nX-\xe4: no\r\n';
    const kept = 'authentication-results :  other.example;\r\n\tspf=pass \xff\r\nSubject:  x\r\n';
    const forged = 'AUTHENTICATION-results \t: mx.example.org; spf=pass\r\n';
    const octets = Buffer.from(`${forged}${kept}${forged}${others.split('X-')[0]}${forged}`, 'latin1');
    const { header: after, removed } = removeForged(header(octets), OURS);
    expect(removed).toBe(3);
    expect(after.toBuffer().toString('latin1')).toBe(`${kept}${others.split('X-')[0]}\r\n`);
  });

  it('knows a name in both of its spellings', () => {
    for (const [written, ours] of [
      ['mx.bücher.example', 'mx.xn--bcher-kva.example'],
      ['mx.XN--BCHER-KVA.example', 'mx.bücher.example'],
      ['MX.BÜCHER.example', 'mx.bücher.example'],
    ] as const) {
      expect(removeForged(header(`Authentication-Results: ${written}; none\r\n`), ours).removed).toBe(1);
    }
    const noisy = Buffer.concat([
      Buffer.from('Authentication-Results: mx.bücher.example; x='),
      Buffer.from([0xff, 0x0d, 0x0a]),
    ]);
    expect(removeForged(header(noisy), 'mx.bücher.example').removed).toBe(1);
    const latin = Buffer.from('Authentication-Results: mx.b\xfccher.example; none\r\n', 'latin1');
    expect(removeForged(header(latin), 'mx.bücher.example').removed).toBe(1);
  });

  it('removes nothing without an id', () => {
    expect(removeForged(header('Authentication-Results: ; none\r\n'), '').removed).toBe(0);
  });

  it('knows a name of which one label is written in A-labels and another is not', () => {
    const written = 'Authentication-Results: bücher.xn--bcher-kva.example; none\r\n';
    expect(removeForged(header(written), 'bücher.bücher.example').removed).toBe(1);
  });

  it('knows a name whose accents stand apart, and whose dots are those of another script', () => {
    const written = 'Authentication-Results: mx\u3002bu\u0308cher\uff0eexample; none\r\n';
    expect(removeForged(header(written), 'mx.bücher.example').removed).toBe(1);
  });

  const letters = Array.from({ length: 900 }, (_, at) => String.fromCharCode(0x100 + at)).join('');
  const hostile = (count: number): string => `Authentication-Results: (${letters}\r\n`.repeat(count);

  it('costs so much for one field of letters, and as much for each further one', () => {
    const one = removeForged(header(hostile(1)), OURS);
    const ten = removeForged(header(hostile(10)), OURS);
    expect([one.removed, ten.removed]).toEqual([0, 0]);
    expect(one.steps).toBeLessThan(100_000);
    expect(ten.steps).toBe(10 * one.steps);
  });

  it('takes out what is left when a header costs more than any honest one', () => {
    const honest = 'Authentication-Results: other.example; none\r\n';
    const { removed, steps } = removeForged(header(`${honest}${hostile(142)}${honest}`), OURS);
    expect(steps).toBeLessThan(2_200_000);
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThan(144);
  });

  it('reads a header full of honest fields with comments to its end', () => {
    const field = `Authentication-Results: other.example (a comment); spf=pass (by other.example)\r\n ${'smtp.mailfrom=a@b.example '.repeat(30)}\r\n`;
    const before = header(field.repeat(100));
    expect(removeForged(before, OURS)).toMatchObject({ header: before, removed: 0 });
  });
});

describe('isRecognizable', () => {
  it.each([
    ['mx.example.org', true],
    ['mx', true],
    ['1', true],
    ['mx.bücher.example', true],
    ['our mail servers', true],
    ['MX_1.example.org.', true],
    ['', false],
    ['---', false],
    ['...', false],
    ['\u200b', false],
    [`mx.${'x'.repeat(300)}.example`, false],
    ['m\u0007x', false],
  ])('%j: %s', (id, is) => {
    expect(isRecognizable(id)).toBe(is);
  });
});

import { describe, expect, it } from 'vitest';
import { type AuthResult, formatAuthenticationResults } from '../../../src/message/authentication-results.js';

const unfold = (raw: Buffer): string => raw.toString().replaceAll('\r\n', '');
const text = (results: readonly AuthResult[], options = {}): string =>
  unfold(formatAuthenticationResults('mx.example.org', results, options)).replace(
    'Authentication-Results: mx.example.org; ',
    '',
  );
const spf = (value: string): AuthResult => ({
  method: 'spf',
  result: 'pass',
  properties: [{ ptype: 'smtp', property: 'mailfrom', value }],
});
const from = (value: string, options = {}): string =>
  text([spf(value)], options).replace('spf=pass smtp.mailfrom=', '');

describe('formatAuthenticationResults', () => {
  it('writes one statement after the other, folded at spaces', () => {
    const raw = formatAuthenticationResults('mx.example.org', [
      spf('alice@example.com'),
      {
        method: 'dkim',
        result: 'fail',
        reason: 'the body has changed',
        properties: [
          { ptype: 'header', property: 'd', value: 'example.com' },
          { ptype: 'header', property: 'b', value: 'oINEO8hg' },
        ],
      },
      { method: 'iprev', result: 'pass', properties: [{ ptype: 'policy', property: 'iprev', value: '::1' }] },
    ]);
    expect(raw.toString()).toBe(
      [
        'Authentication-Results: mx.example.org; spf=pass',
        ' smtp.mailfrom=alice@example.com; dkim=fail reason="the body has changed"',
        ' header.d=example.com header.b=oINEO8hg; iprev=pass policy.iprev="::1"\r\n',
      ].join('\r\n'),
    );
  });

  it('says none when nothing was checked', () => {
    expect(text([])).toBe('none');
    expect(text([{ method: 'spf', result: 'no keyword', properties: [] }])).toBe('none');
  });

  it.each([
    ['example.com', 'example.com'],
    ['@example.com', '@example.com'],
    ['a.b+c/d=e@example.com', 'a.b+c/d=e@example.com'],
    ['"a b; dkim=pass"@example.com', '"a b; dkim=pass"@example.com'],
    ['', '""'],
    ['2001:db8::1', '"2001:db8::1"'],
    ['ab/d=', '"ab/d="'],
    ['a b', '"a b"'],
    ['x"; dkim=pass y="', '"x\\"; dkim=pass y=\\""'],
    ['back\\', '"back\\\\"'],
    ['a..b@example.com', '"a..b@example.com"'],
    ['(comment)', '"(comment)"'],
  ])('writes %j as %s', (value, written) => {
    expect(from(value)).toBe(written);
  });

  it('lets no control through', () => {
    expect(from('a\r\nX-Forged: 1\0\x7f\u0085\u2028\u202e')).toBe('"a??X-Forged: 1?????"');
    expect(from('\ud800')).toBe('"?"');
  });

  it('writes other scripts in UTF-8 only where SMTPUTF8 allows it', () => {
    expect(from('jörg@bücher.example')).toBe('j?rg@xn--bcher-kva.example');
    expect(from('bücher.example')).toBe('xn--bcher-kva.example');
    expect(from('jörg@bücher.example', { utf8: true })).toBe('jörg@bücher.example');
    expect(from('jörg m@bücher.example', { utf8: true })).toBe('"jörg m@bücher.example"');
    expect(unfold(formatAuthenticationResults('mx.bücher.example', []))).toBe(
      'Authentication-Results: mx.xn--bcher-kva.example; none',
    );
  });

  it('leaves out what is too long or has no name, and cuts a reason', () => {
    expect(text([spf('x'.repeat(701))])).toBe('spf=pass');
    expect(text([spf('"'.repeat(400))])).toBe('spf=pass');
    expect(
      text([
        { method: 'dkim', result: 'pass', properties: [{ ptype: 'header', property: 'a b', value: 'x' }] },
      ]),
    ).toBe('dkim=pass');
    const long = text([{ method: 'dkim', result: 'fail', reason: 'r'.repeat(10_000), properties: [] }]);
    expect(long).toBe(`dkim=fail reason="${'r'.repeat(197)}..."`);
    const many = Array.from({ length: 1000 }, () => spf('x'.repeat(600)));
    expect(formatAuthenticationResults('mx', many).length).toBeLessThan(17_000);
  });

  it('keeps room for what there is one of, however many signatures there are', () => {
    const long = '\\'.repeat(340);
    const property = (name: string) => ({ ptype: 'header', property: name, value: long }) as const;
    const signature: AuthResult = {
      method: 'dkim',
      result: 'neutral',
      properties: ['a', 'd', 's', 'i', 'b'].map(property),
    };
    const small: AuthResult = { method: 'dkim', result: 'pass', properties: [] };
    const signatures = [...Array.from({ length: 10 }, () => signature), small];
    const dmarc: AuthResult = { method: 'dmarc', result: 'fail', properties: [] };
    const arc: AuthResult = { method: 'arc', result: 'none', properties: [] };
    const written = text([spf('a.test'), ...signatures, dmarc, arc]);
    expect(written).toMatch(/^spf=pass smtp\.mailfrom=a\.test; dkim=neutral /);
    expect(written).toMatch(/; dkim=pass; dmarc=fail; arc=none$/);
    expect(written.match(/dkim=neutral/g)).toHaveLength(4);
    expect(written.length).toBeLessThan(17_000);
  });
});

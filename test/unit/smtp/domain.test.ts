import { describe, expect, it } from 'vitest';
import { comparableDomain, isDomain, parseAddressLiteral, readableDomain } from '../../../src/smtp/domain.js';

describe('domain', () => {
  it.each(['example.com', 'a', 'x_y.example', 'xn--bcher-kva.example', `${'a'.repeat(63)}.example`])(
    'takes %s',
    (name) => {
      expect(isDomain(name)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    '-a.b',
    'a-.b',
    'a b',
    `${'a'.repeat(64)}.b`,
    'bücher.example',
    `${'a.'.repeat(128)}a`,
  ])('refuses %j', (name) => {
    expect(isDomain(name)).toBe(false);
  });

  it('takes other scripts only when asked', () => {
    expect(isDomain('bücher.example', true)).toBe(true);
    expect(isDomain('bü\u0000.example', true)).toBe(false);
  });

  it('reads address literals', () => {
    expect(parseAddressLiteral('[192.0.2.1]')).toBe('192.0.2.1');
    expect(parseAddressLiteral('[ipv6:2001:db8::1]')).toBe('2001:db8::1');
    expect(parseAddressLiteral('[2001:db8::1]')).toBeUndefined();
    expect(parseAddressLiteral('[x]')).toBeUndefined();
  });

  it('compares in A-labels and small letters', () => {
    expect(comparableDomain('BÜCHER.Example')).toBe('xn--bcher-kva.example');
    expect(comparableDomain('Example.COM')).toBe('example.com');
    expect(readableDomain('xn--bcher-kva.example')).toBe('bücher.example');
  });
});

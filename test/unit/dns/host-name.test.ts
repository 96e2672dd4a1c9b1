import { describe, expect, it } from 'vitest';
import { foldName, isHostName } from '../../../src/dns/host-name.js';

describe('names out of DNS', () => {
  it.each(['mx.example.org', 'a', 'xn--bcher-kva.example', '_dmarc.example.org', '3com.example', 'x-y.z'])(
    'accepts %s',
    (name) => {
      expect(isHostName(name)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    'a..b',
    '-a.example',
    'a-.example',
    'a b',
    'a\r\nb',
    'bücher.example',
    'a.',
    `${'a'.repeat(64)}.b`,
  ])('refuses %j', (name) => {
    expect(isHostName(name)).toBe(false);
  });

  it('refuses names beyond 253 characters without effort', () => {
    expect(isHostName(Array.from({ length: 127 }, () => 'a').join('.'))).toBe(true);
    expect(isHostName('a.'.repeat(200_000))).toBe(false);
  });

  it('folds ASCII letters only and drops the final dot', () => {
    expect(foldName('MX.Example.ORG.')).toBe('mx.example.org');
    expect(foldName('\u212A.example')).toBe('\u212A.example');
    expect(foldName('.')).toBe('.');
    expect(foldName('A.\u212A.B\udc2eC')).toBe('a.\u212A.b\udc2ec');
  });
});

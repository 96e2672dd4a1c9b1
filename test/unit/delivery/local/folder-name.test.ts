import { describe, expect, it } from 'vitest';
import { folderName, hostPart } from '../../../../src/delivery/local/folder-name.js';

describe('folderName', () => {
  it.each([
    ['user', 'user'],
    ['First.Last+tag', 'first.last+tag'],
    ['..', '%2E.'],
    ['.hidden', '%2Ehidden'],
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd'],
    ['a/b\\c', 'a%2Fb%5Cc'],
    ['a\0b\r\n', 'a%00b%0D%0A'],
    ['100%', '100%25'],
    ['[IPv6:::1]', '%5Bipv6%3A%3A%3A1%5D'],
    ['jürgen', 'j%C3%BCrgen'],
    ['', '%'],
    ['~root', '%7Eroot'],
  ])('writes %j as %j', (text, name) => {
    expect(folderName(text)).toBe(name);
  });

  it('shortens what is too long, and keeps different names apart', () => {
    const [one, two] = [folderName('a'.repeat(300)), folderName(`${'a'.repeat(299)}b`)];
    expect(one).toHaveLength(200);
    expect(one).not.toBe(two);
    expect(folderName('a'.repeat(200))).toBe('a'.repeat(200));
  });
});

describe('hostPart', () => {
  it('holds no separator', () => {
    expect(hostPart('a/b:c.example')).toBe('a\\057b\\072c.example');
  });
});

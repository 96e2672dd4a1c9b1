import { describe, expect, it } from 'vitest';
import { nameFault, normalizeText, passwordFault, shownName } from '../../../src/auth/user-text.js';

describe('nameFault', () => {
  it.each(['tim', 'tim@example.com', 'jos\u00e9 mar\u00eda', 'a#b', 'n'.repeat(255)])('takes %j', (name) => {
    expect(nameFault(name)).toBeUndefined();
  });

  it.each(['', ' tim', 'tim ', '#tim', 'a:b', 'a\0b', 'a\nb', 'a\u200bb', 'a\ufffdb', '\u00e9'.repeat(128)])(
    'refuses %j',
    (name) => {
      expect(nameFault(name)).toMatch(/^the name /);
    },
  );
});

describe('passwordFault', () => {
  it.each(['x', ' with blanks ', 'p:w#d', 's'.repeat(512)])('takes %j', (password) => {
    expect(passwordFault(password)).toBeUndefined();
  });

  it.each(['', 'a\0b', 'a\tb', '\ud800', 's'.repeat(513)])('refuses %j', (password) => {
    expect(passwordFault(password)).toMatch(/^the password /);
  });
});

describe('normalizeText', () => {
  it('makes one spelling of two, and keeps letter case and compatibility forms', () => {
    expect(normalizeText('e\u0301')).toBe('\u00e9');
    expect(normalizeText('\uff34IM')).toBe('\uff34IM');
  });
});

describe('shownName', () => {
  it('shows nothing that does not print, and not much', () => {
    expect(shownName('tim\x1b[2J\u202e')).toBe('tim?[2J?');
    expect(shownName('x'.repeat(65))).toBe(`${'x'.repeat(61)}...`);
    expect(shownName('x'.repeat(100_000))).toHaveLength(64);
  });
});

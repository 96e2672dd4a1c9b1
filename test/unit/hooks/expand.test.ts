import { describe, expect, it } from 'vitest';
import { expand } from '../../../src/hooks/expand.js';
import type { VariableValues } from '../../../src/hooks/ports.js';

const VALUES: VariableValues = {
  mailFrom: 'a@example.org',
  mailCount: 3,
  ehloHost: '%mailFrom%',
  rcptTo: '100%',
  authPasswd: 'hunter2',
  sendNDR: 'yes',
};

function filled(text: string): string {
  return expand(text, (name) => VALUES[name]).text;
}

function unknown(text: string): readonly string[] {
  return expand(text, (name) => VALUES[name]).unknown;
}

describe('a text with variables', () => {
  it('is filled with what they hold now', () => {
    expect(filled('from %mailFrom%, %mailCount% so far')).toBe('from a@example.org, 3 so far');
    expect(filled('%mailFrom%%mailCount%')).toBe('a@example.org3');
    expect(filled('%mailCount%')).toBe('3');
  });

  it('is empty where a variable has no value', () => {
    expect(filled('[%mailFromDomain%]')).toBe('[]');
    expect(unknown('[%mailFromDomain%]')).toEqual([]);
  });

  it('takes two percent signs for one', () => {
    expect(filled('100%% of %mailCount%')).toBe('100% of 3');
    expect(filled('%%mailFrom%%')).toBe('%mailFrom%');
    expect(filled('%%%%')).toBe('%%');
  });

  it('keeps single percent signs', () => {
    expect(filled('50% off')).toBe('50% off');
    expect(filled('%')).toBe('%');
    expect(filled('5 % 6 % 7')).toBe('5 % 6 % 7');
    expect(filled('50% of %mailFrom%')).toBe('50% of a@example.org');
    expect(filled('%mailFrom%%')).toBe('a@example.org%');
  });

  it('does not look into what it has put in', () => {
    expect(filled('%ehloHost%')).toBe('%mailFrom%');
    expect(filled('%rcptTo%mailFrom%')).toBe('100%mailFrom%');
  });

  it('keeps a name that is not known, and says so', () => {
    expect(filled('hello %mailForm% %x%')).toBe('hello %mailForm% %x%');
    expect(unknown('hello %mailForm% %x%')).toEqual(['mailForm', 'x']);
    expect(unknown('%constructor% %__proto__% %toString%')).toEqual(['constructor', '__proto__', 'toString']);
    expect(filled(`%${'a'.repeat(65)}%`)).toBe(`%${'a'.repeat(65)}%`);
  });

  it('takes the other spellings', () => {
    expect(filled('%sendNdr%')).toBe('yes');
  });

  it('never shows a secret, under any spelling', () => {
    expect(filled('%authPasswd% %atuhPasswd%')).toBe('%authPasswd% %atuhPasswd%');
    expect(unknown('%authPasswd% %atuhPasswd%')).toEqual(['authPasswd', 'atuhPasswd']);
  });
});

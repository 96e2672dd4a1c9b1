import { describe, expect, it } from 'vitest';
import { compilePatterns, LONGEST_PATTERN, readPattern } from '../../../src/settings/qregex.js';

/** Whether a list of these lines hits the address. */
function hits(lines: string | readonly string[], ...spellings: readonly string[]): boolean {
  return compilePatterns([lines].flat()).firstHit(spellings) !== undefined;
}

function reasonOf(line: string): string {
  const reading = readPattern(line);
  return reading.status === 'wrong' ? `${reading.reason} at ${reading.at}` : reading.status;
}

describe('the patterns of the documentation', () => {
  it.each([
    ['.*\\ @.*', 'user @example.com', true],
    ['.*\\ @.*', 'us er@example.com', false],
    ['!.*@.*\\..*', 'user', true],
    ['!.*@.*\\..*', 'user@localhost', true],
    ['!.*@.*\\..*', 'foo@reject', true],
    ['!.*@.*\\..*', 'user@example.com', false],
    ['!.*@.*\\..*', 'a@b@c.com', false],
    ['.*%.*', 'user%other.com@example.com', true],
    ['.*%.*', 'user@example.com', false],
    ['[!%#:*^(){}]', 'x!y@example.com', true],
    ['[!%#:*^(){}]', 'u(1)@example.com', true],
    ['[!%#:*^(){}]', 'u:1@example.com', true],
    ['[!%#:*^(){}]', 'u+tag@example.com', false],
    ['@.*@', 'a@b@c.com', true],
    ['@.*@', 'user@example.com', false],
    ['@reject$', 'foo@reject', true],
    ['@reject$', 'foo@REJECT', true],
    ['@reject$', 'foo@reject.com', false],
    // The help of the panel promises less than the expression does.
    ['@example.com', 'a@exampleXcom', true],
    ['@example.com', 'a@example.community', true],
  ])('%s on %s: %s', (pattern, address, hit) => {
    expect(hits(pattern, address)).toBe(hit);
  });

  it.each([...'!%#:*^(){}'])('takes %s in brackets for itself', (character) => {
    expect(hits('[!%#:*^(){}]', `u${character}1@example.com`)).toBe(true);
  });
});

describe('the lines of a list', () => {
  it('are tried in order, and the first that hits is named', () => {
    const list = compilePatterns(['^b', '@example', '^a', '!zzz']);
    expect(list.firstHit(['a@example.org'])).toBe('@example');
    expect(list.firstHit(['a@other.org'])).toBe('^a');
    expect(list.firstHit(['c@other.org'])).toBe('!zzz');
  });

  it('lose comments, empty lines and trailing blanks', () => {
    const list = compilePatterns(['# .*', '', '   ', '\t', '@reject$ \t ']);
    expect(list.size).toBe(1);
    expect(list.firstHit(['a@reject'])).toBe('@reject$');
    expect(list.firstHit(['a@fine'])).toBeUndefined();
  });

  it('never hit where they do not compile, negated or not', () => {
    const list = compilePatterns(['(', '!(', '[[:nope:]]', '!*a']);
    expect(list.size).toBe(0);
    expect(list.firstHit(['anything'])).toBeUndefined();
  });

  it('find what is in any spelling, and miss only what is in none', () => {
    expect(hits('@b\u00fccher', 'a@xn--bcher-kva', 'a@b\u00fccher')).toBe(true);
    expect(hits('!@b\u00fccher', 'a@xn--bcher-kva', 'a@b\u00fccher')).toBe(false);
    expect(hits('!@other', 'a@xn--bcher-kva', 'a@b\u00fccher')).toBe(true);
  });

  it('take a second exclamation mark for a character', () => {
    expect(hits('!!', 'a!b')).toBe(false);
    expect(hits('!!', 'ab')).toBe(true);
    expect(hits('!', 'ab')).toBe(false);
  });
});

describe('expressions', () => {
  it.each([
    ['^[[:alpha:]][[:alnum:]_-]*@', 'a1_-@x', true],
    ['^[[:digit:]]+@', '123@x', true],
    ['^[[:digit:]]+@', 'a123@x', false],
    ['[^[:alnum:]@.]', 'a+b@x', true],
    ['[[:upper:]]', 'a', true],
    ['[]]', 'a]b', true],
    ['[^]a]', ']a', false],
    ['[a\\]', 'x\\y', true],
    ['[\\.]', 'x\\y', true],
    ['^[a-Z]$', 'x', true],
    ['^[z-~]$', '_', true],
    ['^[z-~]$', 'Z', true],
    ['^[z-~]$', 'b', false],
    ['^[^z-~]$', 'b', true],
    ['^a{1000}$', 'a', false],
    ['^(a?){1000}$', 'a', true],
    ['^a{2,3}$', 'aaa', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{,2}b', 'aab', true],
    ['^(ab|cd)+@', 'abcd@x', true],
    ['^a+?b', 'b', true],
    ['^a**b', 'b', true],
    ['a)', 'a)', true],
    ['a|', 'zzz', true],
    ['\\bfoo\\b', 'x foo@y', true],
    ['^.$', '\u{1F600}', true],
  ])('%s on %s: %s', (pattern, address, hit) => {
    expect(reasonOf(pattern)).toBe('ok');
    expect(hits(pattern, address)).toBe(hit);
  });

  it.each([
    ['*a', 'there is nothing before * to repeat at 0'],
    ['^*', 'there is nothing before * to repeat at 1'],
    ['a|*', 'there is nothing before * to repeat at 2'],
    ['(?:a)', 'there is nothing before ? to repeat at 1'],
    ['!(a', 'the parenthesis is not closed at 1'],
    ['a[b', 'the bracket is not closed at 1'],
    ['[[:nope:]]', expect.stringMatching(/^there is no such character class; there are alnum, .* at 1$/)],
    ['[[=a=]]', 'an equivalence class such as [=a=] is not supported at 1'],
    ['[[.-.]]', 'a collating element such as [.-.] is not supported at 1'],
    ['[z-a]', 'the range z-a is upside down at 1'],
    ['[a-[:digit:]]', 'a range cannot end in a character class at 3'],
    ['(a)\\1', expect.stringContaining('back-reference')],
    ['\\d+', expect.stringContaining('\\d has no meaning here; a digit is [0-9]')],
    ['\\<a', expect.stringContaining('\\< is not supported')],
    ['a\\', 'it ends in a backslash at 1'],
    ['a\\ ', 'it ends in a backslash at 1'],
    ['a{2,1}', 'the interval {2,1} is upside down at 1'],
    ['a{x}', expect.stringContaining('the braces hold no interval')],
    ['a{1001}', expect.stringContaining('more than 1000 repetitions')],
    [
      '((a{100}){100}){100}',
      'it is too large: with all repetitions written out it has more than 1500 characters and classes at 9',
    ],
    ['.{600}[a-b]{901}', expect.stringContaining('it is too large')],
    ['((.{20}a){10}b?){8}', expect.stringContaining('it is too large')],
    [`${'.{1000}'.repeat(68)}`, expect.stringContaining('it is too large')],
    [`a{1000}b{490}${'b'.repeat(11)}`, expect.stringContaining('it is too large')],
    [`(${'(){999}'.repeat(60)})`, expect.stringContaining('it is too large')],
    ['a\u0007', 'it holds a control character at 1'],
    ['a'.repeat(LONGEST_PATTERN + 1), expect.stringContaining('it is longer than 500 characters')],
  ])('%s is refused', (pattern, reason) => {
    expect(reasonOf(pattern)).toEqual(reason);
  });
});

describe('a pattern that is hard for others', () => {
  it('runs on RE2 and comes back, on ten thousand characters', () => {
    const address = `${'a'.repeat(10_000)}@example.org`;
    for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      const reading = readPattern(pattern);
      expect(reading).toMatchObject({ status: 'ok' });
      // The size of its program bounds its work for each character; there is nothing to go back to.
      if (reading.status === 'ok') expect(reading.expression.programSize()).toBeLessThan(200);
      expect(hits([pattern], address)).toBe(pattern.startsWith('^'));
    }
  });
});

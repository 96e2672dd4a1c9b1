import { describe, expect, it } from 'vitest';
import { classOf, oneLine, readReply } from '../../../../src/delivery/smtp/reply.js';

describe('readReply', () => {
  it.each([
    ['250 2.0.0 ok', 250, '250 2.0.0 ok'],
    ['250-first\n250 second', 250, '250 first second'],
    ['550', 550, '550'],
    ['550-\n550 ', 550, '550'],
    ['no code', 0, 'no code'],
    ['999 none', 0, '999 none'],
    ['550 a\u0000b\u001b[31m\u202ec\u2028d', 550, '550 a b [31m c d'],
  ])('%j', (raw, code, text) => {
    expect(readReply(raw)).toEqual({ code, text });
  });

  it('bounds the text', () => {
    expect(readReply(`550 ${'x'.repeat(10_000)}`).text).toHaveLength(403);
    expect(oneLine('  a \r\n b  ')).toBe('a b');
  });
});

describe('classOf', () => {
  it.each([
    [250, 'accepted'],
    [251, 'accepted'],
    [354, 'deferred'],
    [421, 'deferred'],
    [550, 'failed'],
    [0, 'deferred'],
  ])('%d is %s', (code, expected) => {
    expect(classOf({ code, text: '' })).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../../src/core/suggest.js';

const KNOWN = ['smtpAction', 'smtpExplanation', 'mailFrom', 'DNSBLResult'];

describe('nearest', () => {
  it.each([
    ['smtpaction', 'smtpAction'],
    ['smptAction', 'smtpAction'],
    ['mailfrm', 'mailFrom'],
    ['DNSBLResutl', 'DNSBLResult'],
    ['rcptTo', undefined],
    ['', undefined],
    ['x'.repeat(65), undefined],
  ])('%s: %s', (wrong, meant) => {
    expect(nearest(wrong, KNOWN)).toBe(meant);
  });

  it('becomes the end of a sentence', () => {
    expect(suggestion('mailFrm', KNOWN)).toBe('; did you mean "mailFrom"?');
    expect(suggestion('zzz', KNOWN)).toBe('');
  });
});

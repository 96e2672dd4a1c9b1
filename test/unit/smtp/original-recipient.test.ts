import { describe, expect, it } from 'vitest';
import { originalRecipientFault } from '../../../src/smtp/original-recipient.js';

describe('originalRecipientFault', () => {
  it.each([
    'rfc822;a@b.example',
    'rfc822;a+2Bb@b.example'.toUpperCase(),
    'rfc822;+22two+20words+22@b.example',
    'rfc822;Postmaster',
    'rfc822;strange.@b.example',
    'utf-8;a@b.example',
    'utf-8;j\\x{F6}rg@b.example',
    'utf-8;\\x{1F4E7}@b.example',
    'x400;/O=x/'.replace('=', '+3D'),
  ])('takes %s', (value) => {
    expect(originalRecipientFault(value, false)).toBeUndefined();
  });

  it.each([
    '',
    'a@b.example',
    ';a@b.example',
    'rfc822;',
    'rfc822;a',
    'rfc822;@b.example',
    'rfc822;a@',
    'rfc822;a+0D+0Ab@b.example',
    'rfc822;a+zz@b.example',
    'rfc822;j+C3+B6rg@b.example',
    'two words;a@b.example',
    'utf-8;',
    'utf-8;a+40b.example',
    'utf-8;a\\b@b.example',
    'utf-8;\\x{0A}@b.example',
    'utf-8;\\x{D800}@b.example',
    'utf-8;\\x{110000}@b.example',
    'utf-8;\\x{f6}@b.example',
    `rfc822;${'a'.repeat(500)}@b.example`,
    `utf-8;${'ö'.repeat(300)}@b.example`,
    `rfc822;${'+41'.repeat(100_000)}`,
  ])('refuses %s', (value) => {
    expect(originalRecipientFault(value, true)).toBeDefined();
  });

  it('takes characters outside ASCII from a message with SMTPUTF8 only', () => {
    expect(originalRecipientFault('utf-8;jörg@b.example', true)).toBeUndefined();
    expect(originalRecipientFault('utf-8;jörg@b.example', false)).toBeDefined();
    expect(originalRecipientFault('rfc822;jörg@b.example', true)).toBeDefined();
  });
});

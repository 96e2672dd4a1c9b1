import { describe, expect, it } from 'vitest';
import { splitCodes } from '../../../src/smtp/own-codes.js';

describe('splitCodes', () => {
  it.each([
    ['550 5.7.1 no', { code: 550, enhanced: '5.7.1', text: 'no' }],
    ['550 no', { code: 550, enhanced: '', text: 'no' }],
    ['5.7.1 no', { code: undefined, enhanced: '5.7.1', text: 'no' }],
    ['no', { code: undefined, enhanced: '', text: 'no' }],
    ['550', { code: 550, enhanced: '', text: '' }],
    ['55 bottles', { code: undefined, enhanced: '', text: '55 bottles' }],
    ['', { code: undefined, enhanced: '', text: '' }],
    ['%mailFromLocalPart% 550 no', { code: undefined, enhanced: '', text: '%mailFromLocalPart% 550 no' }],
  ])('%j', (written, expected) => {
    expect(splitCodes(written)).toEqual(expected);
  });
});

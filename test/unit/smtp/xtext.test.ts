import { describe, expect, it } from 'vitest';
import { decodeXtext } from '../../../src/smtp/xtext.js';

describe('decodeXtext', () => {
  it('decodes, and refuses what is not xtext or hides controls', () => {
    expect(decodeXtext('a+2Bb')).toBe('a+b');
    expect(decodeXtext('')).toBe('');
    expect(decodeXtext('a+0Ab')).toBeUndefined();
    expect(decodeXtext('a+2b')).toBeUndefined();
    expect(decodeXtext('a=b')).toBeUndefined();
    expect(decodeXtext('a b')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { formatScryptHash, parseScryptHash } from '../../../src/auth/scrypt-text.js';

const SALT = Buffer.alloc(16, 7);
const KEY = Buffer.alloc(32, 9);
const GOOD = formatScryptHash({ ln: 15, r: 8, p: 1, salt: SALT, key: KEY });

describe('parseScryptHash', () => {
  it('reads its own spelling', () => {
    expect(GOOD).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(parseScryptHash(GOOD)).toEqual({
      status: 'ok',
      hash: { ln: 15, r: 8, p: 1, salt: SALT, key: KEY },
    });
  });

  it.each([
    ['', /does not read/],
    ['$2b$10$abcdefghijklmnopqrstuv', /does not read/],
    [` ${GOOD}`, /does not read/],
    [`${GOOD}\n`, /does not read/],
    [GOOD.replace('ln=15', 'ln=9'), /ln must be 10 to 17/],
    [GOOD.replace('ln=15', 'ln=18'), /ln must be/],
    [GOOD.replace('r=8', 'r=0'), /r 1 to 32/],
    [GOOD.replace('p=1', 'p=0'), /p 1 to 8/],
    [GOOD.replace('ln=15,r=8', 'ln=17,r=32'), /more than 128 MiB/],
    [GOOD.replace(/\$[^$]+\$([^$]+)$/, '$AAAA$$$1'), /does not read|the salt/],
    [GOOD.replace(/[^$]+$/, 'AAAA'), /the key is not/],
    // Bits beyond the last octet that are not zero: a second spelling of the same key.
    [`${GOOD.slice(0, -1)}l`, /the key is not/],
    [`${GOOD}${'A'.repeat(300)}`, /does not read/],
  ])('refuses %j', (text, reason) => {
    const reading = parseScryptHash(text);
    expect(reading).toEqual({ status: 'malformed', reason: expect.stringMatching(reason) as unknown });
  });
});

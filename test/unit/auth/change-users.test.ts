import { describe, expect, it } from 'vitest';
import { hasUser, withoutUser, withUser } from '../../../src/auth/change-users.js';

const SECRET = { kind: 'plain', secret: 'new' } as const;
const FILE = Buffer.from('\ufeff# users\r\nann:{PLAIN}1\r\n\nnot right\r\r\ntim:{PLAIN}2\nann:bad');

describe('changes of the users file', () => {
  it('replace the first line of a name, drop its others, and leave every other octet', () => {
    expect(withUser(FILE, 'ann', SECRET).toString()).toBe(
      '\ufeff# users\r\nann:{PLAIN}new\n\nnot right\r\r\ntim:{PLAIN}2\n',
    );
    expect(withoutUser(FILE, 'ann').toString()).toBe('\ufeff# users\r\n\nnot right\r\r\ntim:{PLAIN}2\n');
    expect(withoutUser(FILE, 'nobody')).toEqual(FILE);
  });

  it('append what is new on a line of its own', () => {
    expect(withUser(Buffer.alloc(0), 'ann', SECRET).toString()).toBe('ann:{PLAIN}new\n');
    expect(withUser(Buffer.from('tim:{PLAIN}2'), 'ann', { kind: 'hash', hash: '$scrypt$x' }).toString()).toBe(
      'tim:{PLAIN}2\nann:$scrypt$x\n',
    );
  });

  it('find a name on a line that is wrong as well', () => {
    expect(hasUser(Buffer.from('ann:bad\n'), 'ann')).toBe(true);
    expect(hasUser(Buffer.from('#ann:bad\nbad\n'), 'ann')).toBe(false);
  });
});

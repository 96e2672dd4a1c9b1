import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasUser, withoutUser, withUser } from '../../src/auth/change-users.js';
import { linesOf, parseUsers } from '../../src/auth/parse-users.js';
import { formatScryptHash, parseScryptHash } from '../../src/auth/scrypt-text.js';
import type { UserSecret } from '../../src/auth/user-source.js';
import { nameFault, normalizeText, passwordFault } from '../../src/auth/user-text.js';

const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((some) => Buffer.from(some));

const hashText = fc
  .record({
    ln: fc.integer({ min: 10, max: 15 }),
    r: fc.integer({ min: 1, max: 8 }),
    p: fc.integer({ min: 1, max: 8 }),
    salt: octets(8, 64),
    key: octets(16, 64),
  })
  .map(formatScryptHash);

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map(normalizeText);
const name = fc
  .oneof(fc.constantFrom('ann', 'tim', 'jos\u00e9'), word)
  .filter((text) => nameFault(text) === undefined);
const secret: fc.Arbitrary<UserSecret> = fc.oneof(
  hashText.map((hash) => ({ kind: 'hash', hash }) as const),
  word
    .filter((text) => passwordFault(text) === undefined && text === text.trim())
    .map((text) => ({ kind: 'plain', secret: text }) as const),
);

/** Files that are noise, and files that are nearly right. */
const noise = octets(0, 200);
const line = fc.oneof(
  fc
    .tuple(name, secret)
    .map(([who, what]) => `${who}:${what.kind === 'hash' ? what.hash : `{PLAIN}${what.secret}`}`),
  fc.string({ unit: fc.constantFrom(...'ann:{PLAIN}$#\r\t \ufeff\0'), maxLength: 20 }),
);
const nearly = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => Buffer.from(lines.join(end)));
const file = fc.oneof(noise, nearly);

function others(of: Buffer, without: string): Map<string, UserSecret> {
  const users = new Map(parseUsers(of).users);
  users.delete(without);
  return users;
}

describe('the users file', () => {
  it('never throws, and every octet is in one line', () => {
    fc.assert(
      fc.property(file, (some) => {
        expect(Buffer.concat(linesOf(some).map(({ raw }) => raw))).toEqual(some);
        const { users, findings } = parseUsers(some);
        for (const who of users.keys()) expect(nameFault(who)).toBeUndefined();
        for (const finding of findings) expect(finding.user).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('takes a user in and out again, and touches nobody else', () => {
    fc.assert(
      fc.property(file, name, secret, (some, who, what) => {
        const added = withUser(some, who, what);
        expect(parseUsers(added).users.get(who)).toEqual(what);
        expect(others(added, who)).toEqual(others(some, who));
        const removed = withoutUser(added, who);
        expect(hasUser(removed, who)).toBe(false);
        expect(others(removed, who)).toEqual(others(some, who));
      }),
    );
  });
});

describe('stored hashes', () => {
  it('have one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(hashText, fc.string({ maxLength: 120 })), (text) => {
        const reading = parseScryptHash(text);
        if (reading.status === 'ok') expect(formatScryptHash(reading.hash)).toBe(text);
      }),
    );
  });

  it('are read as they were written, and refused when one character differs', () => {
    fc.assert(
      fc.property(hashText, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (text, at, character) => {
        expect(parseScryptHash(text).status).toBe('ok');
        const place = at % text.length;
        const other = text.slice(0, place) + character + text.slice(place + 1);
        const reading = parseScryptHash(other);
        if (reading.status === 'ok') expect(formatScryptHash(reading.hash)).toBe(other);
      }),
    );
  });
});

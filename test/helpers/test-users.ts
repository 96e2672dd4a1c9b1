/**
 * The real authenticator over literal users, with a hash that costs nothing.
 *
 * A password is written as in the users file: `{PLAIN}secret` is kept in plain, so that CRAM-MD5
 * works with it; anything else counts as hashed.
 */
import { createAttempts } from '../../src/auth/attempts.js';
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.js';
import type { PasswordHash } from '../../src/auth/password-hash.js';
import type { UserSecret, UserSource } from '../../src/auth/user-source.js';
import type { Clock } from '../../src/core/clock.js';
import type { FactBus } from '../../src/core/facts.js';
import { silentLogger } from '../../src/core/log.js';

export type TestUsers = Readonly<Record<string, string>>;

const PLAIN = '{PLAIN}';

const costless: PasswordHash = {
  hash: (password) => Promise.resolve({ status: 'done', hash: password }),
  verify: (password, secret) => {
    const wanted = secret?.kind === 'plain' ? secret.secret : secret?.hash;
    return Promise.resolve({ status: password === wanted ? 'match' : 'mismatch' });
  },
};

export function testUsers(users: TestUsers): UserSource {
  const secrets = new Map<string, UserSecret>(
    Object.entries(users).map(([name, text]) => [
      name,
      text.startsWith(PLAIN)
        ? { kind: 'plain', secret: text.slice(PLAIN.length) }
        : { kind: 'hash', hash: text },
    ]),
  );
  return {
    find: (name) => secrets.get(name),
    hasPlainSecrets: [...secrets.values()].some(({ kind }) => kind === 'plain'),
  };
}

export function testAuthenticator(users: TestUsers, clock: Clock, facts: FactBus): Authenticator {
  return createAuthenticator({
    users: testUsers(users),
    attempts: createAttempts({ clock }),
    hash: costless,
    clock,
    facts,
    log: silentLogger,
  });
}

import { describe, expect, it } from 'vitest';
import { createPasswordHash, DEFAULT_COST } from '../../../src/auth/password-hash.js';
import { systemClock } from '../../../src/core/clock.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

const CHEAP = { ln: 10, r: 1, p: 1 };
const ASKER = { key: '192.0.2.1' };

function createCheap(more = {}) {
  return createPasswordHash({ clock: createFakeClock(), cost: CHEAP, ...more });
}

async function hashed(password: string): Promise<string> {
  const outcome = await createCheap().hash(password);
  if (outcome.status !== 'done') throw new Error(outcome.status);
  return outcome.hash;
}

describe('createPasswordHash', () => {
  it('knows the password again, and no other', async () => {
    const passwords = createCheap();
    const hash = await hashed('correct horse');
    const secret = { kind: 'hash', hash } as const;
    await expect(passwords.verify('correct horse', secret, ASKER)).resolves.toEqual({ status: 'match' });
    await expect(passwords.verify('Correct horse', secret, ASKER)).resolves.toEqual({ status: 'mismatch' });
    await expect(passwords.verify('', secret, ASKER)).resolves.toEqual({ status: 'mismatch' });
  });

  it('salts: the same password twice gives two hashes', async () => {
    const passwords = createPasswordHash({ clock: systemClock, cost: CHEAP });
    const [one, two] = await Promise.all([passwords.hash('same'), passwords.hash('same')]);
    expect(one).not.toEqual(two);
  });

  it('takes an accent in one code point or two for the same password', async () => {
    const secret = { kind: 'hash', hash: await hashed('caf\u00e9') } as const;
    await expect(createCheap().verify('cafe\u0301', secret, ASKER)).resolves.toEqual({ status: 'match' });
  });

  it('verifies by the parameters of the stored hash, not by its own', async () => {
    const secret = { kind: 'hash', hash: await hashed('old') } as const;
    const other = createCheap({ cost: { ln: 11, r: 2, p: 1 } });
    await expect(other.verify('old', secret, ASKER)).resolves.toEqual({ status: 'match' });
  });

  it('compares plain secrets whole', async () => {
    const passwords = createCheap();
    const secret = { kind: 'plain', secret: 'tanstaaftanstaaf' } as const;
    await expect(passwords.verify('tanstaaftanstaaf', secret, ASKER)).resolves.toEqual({ status: 'match' });
    await expect(passwords.verify('tanstaaf', secret, ASKER)).resolves.toEqual({ status: 'mismatch' });
  });

  it('lets nobody in without a user or by a hash that cannot be read', async () => {
    const passwords = createCheap();
    await expect(passwords.verify('x', undefined, ASKER)).resolves.toEqual({ status: 'mismatch' });
    const broken = { kind: 'hash', hash: '$scrypt$broken' } as const;
    await expect(passwords.verify('x', broken, ASKER)).resolves.toMatchObject({ status: 'malformed' });
  });

  it('computes for users that do not exist, so that they cost the same', async () => {
    const passwords = createCheap({ slots: 1, maxWaiting: 0 });
    const cases = [undefined, { kind: 'plain', secret: 's' }, { kind: 'hash', hash: 'broken' }] as const;
    for (const secret of cases) {
      const running = passwords.verify('x', secret, ASKER);
      // The place is taken: this user's password is being computed.
      await expect(passwords.verify('x', secret, ASKER)).resolves.toEqual({ status: 'busy' });
      await running;
    }
  });

  it('is busy when too many wait, and forgets a client that has gone', async () => {
    const passwords = createCheap({ slots: 1, maxWaiting: 2, maxWaitingPerClient: 1 });
    const gone = new AbortController();
    const first = passwords.verify('x', undefined, ASKER);
    const second = passwords.verify('x', undefined, { ...ASKER, signal: gone.signal });
    await expect(passwords.verify('x', undefined, ASKER)).resolves.toEqual({ status: 'busy' });
    const other = passwords.verify('x', undefined, { key: 'other' });
    gone.abort();
    await expect(second).resolves.toEqual({ status: 'aborted' });
    await expect(first).resolves.toEqual({ status: 'mismatch' });
    await expect(other).resolves.toEqual({ status: 'mismatch' });
  });

  it('hashes at the documented cost by default', async () => {
    expect(DEFAULT_COST).toEqual({ ln: 15, r: 8, p: 1 });
    const outcome = await createPasswordHash({ clock: systemClock }).hash('x');
    expect(outcome).toMatchObject({
      status: 'done',
      hash: expect.stringMatching(/^\$scrypt\$ln=15,r=8,p=1\$/) as unknown,
    });
  });
});

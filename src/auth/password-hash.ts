/**
 * Passwords as salted slow hashes: scrypt (RFC 7914 §5), computed on libuv's threads.
 *
 * One computation takes some 90 ms of a core and 32 MiB; at most two run at once, so that files
 * and names can still be looked up while strangers guess. Every verification costs one computation,
 * whether the user exists, has a hash, or has a plain secret: the time tells nothing.
 *
 * Callers: authenticator, cli. Busy, malformed and failed are values; nothing here throws.
 */
import { createHash, scrypt, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { formatScryptHash, memoryOf, parseScryptHash, type ScryptHash } from './scrypt-text.js';
import type { UserSecret } from './user-source.js';
import { normalizeText } from './user-text.js';
import { createWorkSlots, type Slotted } from './work-slots.js';

export interface HashCost {
  /** Binary logarithm of scrypt's N. Default 15. */
  readonly ln: number;
  /** Block size. Default 8. */
  readonly r: number;
  /** Parallelization. Default 1. */
  readonly p: number;
}

export interface PasswordHashOptions {
  readonly clock: Clock;
  /** Cost of new hashes and of verifications of users that do not exist. Default `DEFAULT_COST`. */
  readonly cost?: HashCost;
  /** Computations at once. Default 2, of the four threads that Node has by default. */
  readonly slots?: number;
  /** Computations that wait. Default 64. */
  readonly maxWaiting?: number;
  /** Computations that wait for one client. Default 8. */
  readonly maxWaitingPerClient?: number;
}

/** Measured: 86 ms on a server core of 2024. */
export const DEFAULT_COST: HashCost = { ln: 15, r: 8, p: 1 };

export type HashOutcome =
  | { readonly status: 'done'; readonly hash: string }
  | { readonly status: 'busy' }
  | { readonly status: 'failed'; readonly reason: string };

export type VerifyOutcome =
  | { readonly status: 'match' | 'mismatch' }
  /** Too many wait; ask again later. */
  | { readonly status: 'busy' }
  /** The asker went away while it waited. */
  | { readonly status: 'aborted' }
  /** The stored hash cannot be read: nobody gets in by it. */
  | { readonly status: 'malformed'; readonly reason: string }
  /** The computation itself failed, for instance for want of memory. */
  | { readonly status: 'failed'; readonly reason: string };

export interface Asker {
  /** Whose turn it takes: one per client network. */
  readonly key: string;
  /** Ends the waiting when the client has gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface PasswordHash {
  /** A new hash of `password`, with a salt of its own. */
  hash(password: string): Promise<HashOutcome>;
  /** Whether `password` is the one behind `secret`; without a secret `mismatch`, at the same cost. */
  verify(password: string, secret: UserSecret | undefined, asker: Asker): Promise<VerifyOutcome>;
}

const SALT_OCTETS = 16;
const KEY_OCTETS = 32;

function derive(password: string, { ln, r, p, salt, key }: ScryptHash): Promise<Buffer> {
  // Node refuses what needs more than maxmem, and counts a little more than 128 * N * r.
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) };
  return new Promise((resolve, reject) => {
    scrypt(normalizeText(password), salt, key.length, options, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}

/** Compares texts of any length in a time that depends on neither's content. */
function isSameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(normalizeText(text)).digest();
  return timingSafeEqual(digest(one), digest(other));
}

export function createPasswordHash(options: PasswordHashOptions): PasswordHash {
  const { clock, cost = DEFAULT_COST } = options;
  const slots = createWorkSlots({
    slots: options.slots ?? 2,
    maxWaiting: options.maxWaiting ?? 64,
    maxWaitingPerKey: options.maxWaitingPerClient ?? 8,
  });
  const decoy: ScryptHash = { ...cost, salt: clock.random(SALT_OCTETS), key: clock.random(KEY_OCTETS) };

  /** The derived key, computed in turn; a failure of the computation is a value. */
  async function compute(
    password: string,
    hash: ScryptHash,
    asker: Asker,
  ): Promise<Slotted<Buffer> | { readonly status: 'failed'; readonly reason: string }> {
    try {
      return await slots.run(asker.key, () => derive(password, hash), asker.signal);
    } catch (error) {
      return { status: 'failed', reason: messageOf(error) };
    }
  }

  return {
    async hash(password) {
      const fresh = { ...decoy, salt: clock.random(SALT_OCTETS) };
      const computed = await compute(password, fresh, { key: '' });
      if (computed.status === 'done') {
        return { status: 'done', hash: formatScryptHash({ ...fresh, key: computed.value }) };
      }
      return computed.status === 'failed' ? computed : { status: 'busy' };
    },

    async verify(password, secret, asker) {
      const reading = secret?.kind === 'hash' ? parseScryptHash(secret.hash) : undefined;
      const stored = reading?.status === 'ok' ? reading.hash : decoy;
      const computed = await compute(password, stored, asker);
      if (computed.status !== 'done') return computed;
      if (reading?.status === 'malformed') return reading;
      // Compared in every case; the key of the decoy is random, which no password leads to.
      const isSameKey = timingSafeEqual(computed.value, stored.key);
      const isRight = secret?.kind === 'plain' ? isSameText(password, secret.secret) : isSameKey;
      return { status: isRight ? 'match' : 'mismatch' };
    },
  };
}

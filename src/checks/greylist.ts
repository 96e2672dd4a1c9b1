/**
 * Has this client tried to send this sender's mail to this recipient before?
 *
 * A mail server that is told to come again does so after some minutes; much spam never does. A
 * triplet is `new` at its first attempt, `early` until the delay is over, then `passed`, and stays
 * that as long as it is used. A network that has passed often enough is `whitelisted`: it has shown
 * that it comes again. When the store is in trouble the status is `tempError`, and says nothing about
 * the client. Always resolves; one atomic step in the store, so equal questions at once are safe.
 *
 * Callers: hooks/methods. The port is implemented by the queue's store and connected by app.
 */
import { messageOf } from '../core/errors.js';
import { networkOf, tripletKey } from './greylist-key.js';
import { type CheckOutcome, printable } from './outcome.js';

export interface GreylistRules {
  /** How long a new triplet waits, milliseconds. */
  readonly delayMs: number;
  /** How long after the first attempt a later one still counts, milliseconds. */
  readonly retryWindowMs: number;
  /** How long a triplet, or a network, stays good after its last use, milliseconds. */
  readonly lifetimeMs: number;
  /** So many triplets make their network good; 0: never. */
  readonly networkAfter: number;
}

interface Attempt {
  readonly key: string;
  readonly network: string;
  readonly now: number;
  readonly rules: GreylistRules;
}

/** Remembers attempts. Survives the process from the answer on; rejects when it cannot. */
export interface GreylistStore {
  greylist(attempt: Attempt): Promise<{
    readonly status: 'new' | 'early' | 'passed' | 'whitelisted';
    readonly waitMs: number;
    readonly firstSeen: number | null;
  }>;
}

export type GreylistStatus = 'new' | 'early' | 'passed' | 'whitelisted' | 'tempError';

export interface GreylistOutcome extends CheckOutcome<GreylistStatus> {
  /** Whole seconds until an attempt passes; 0 where it does, or nobody knows. */
  readonly waitSeconds: number;
  /** Milliseconds since 1970; undefined for a whole network, and when nobody knows. */
  readonly firstSeen: number | undefined;
}

export interface GreylistArgs {
  readonly ip: string;
  /** Empty for the null sender. */
  readonly sender: string;
  readonly recipient: string;
  readonly rules: GreylistRules;
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export interface GreylistDeps {
  readonly store: GreylistStore;
  readonly clock: { now(): number };
}

export async function checkGreylist(
  { store, clock }: GreylistDeps,
  { ip, sender, recipient, rules, ipv4Prefix, ipv6Prefix }: GreylistArgs,
): Promise<GreylistOutcome> {
  const network = networkOf(ip, { ipv4: ipv4Prefix, ipv6: ipv6Prefix });
  const key = tripletKey(network, sender, recipient);
  try {
    const { status, waitMs, firstSeen } = await store.greylist({ key, network, now: clock.now(), rules });
    const waitSeconds = Math.ceil(waitMs / 1000);
    const isWaiting = status === 'new' || status === 'early';
    return {
      status,
      waitSeconds,
      firstSeen: firstSeen ?? undefined,
      explanation: isWaiting ? `Greylisted, please try again in ${waitSeconds} seconds` : '',
      evidence: [`greylist ${network}: ${status}`],
    };
  } catch (error) {
    return {
      status: 'tempError',
      waitSeconds: 0,
      firstSeen: undefined,
      explanation: printable(`the greylist cannot be asked: ${messageOf(error)}`),
      evidence: [`greylist ${network}: no answer`],
    };
  }
}

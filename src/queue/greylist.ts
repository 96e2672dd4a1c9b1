/**
 * What the store remembers of greylisted triplets, and what one more attempt makes of it.
 *
 * A triplet is named by a key, the network of its client by another; what they are made of is the
 * caller's business. The judging here is pure, so that every implementation of the Store judges
 * alike; an implementation reads the two rows, asks `judge`, and writes what comes out, in one
 * transaction.
 *
 * A row seen for the first time waits for its confirmation until `expires`; a confirmed one is
 * good until `expires`, which each use moves on. A time of first sight that lies ahead of us comes
 * from a clock that was set back, and counts as never seen.
 *
 * Callers: implementations of queue/store. Reads no clock.
 */

export interface GreylistRules {
  /** How long a triplet waits after its first attempt, milliseconds. */
  readonly delayMs: number;
  /** How long after the first attempt a later one still confirms, milliseconds. */
  readonly retryWindowMs: number;
  /** How long a confirmed triplet, or network, is good after its last use, milliseconds. */
  readonly lifetimeMs: number;
  /** So many confirmed triplets confirm the whole network; 0: never. */
  readonly networkAfter: number;
}

export interface GreylistQuestion {
  /** Names the triplet. At most 128 characters. */
  readonly key: string;
  /** Names the client's network. At most 128 characters. */
  readonly network: string;
  readonly now: number;
  readonly rules: GreylistRules;
}

export interface GreylistFinding {
  /** `whitelisted`: the whole network is confirmed, and the triplet was not looked at. */
  readonly status: 'new' | 'early' | 'passed' | 'whitelisted';
  /** For `new` and `early`: until an attempt passes, milliseconds; else 0. */
  readonly waitMs: number;
  /** When the triplet was first seen; null for `whitelisted`. */
  readonly firstSeen: number | null;
}

export interface TripletRow {
  readonly firstSeen: number;
  readonly confirmed: boolean;
  readonly expires: number;
}

export interface NetworkRow {
  /** How many triplets it has confirmed. */
  readonly confirmed: number;
  readonly expires: number;
}

export interface Judgement {
  readonly finding: GreylistFinding;
  /** Rows to write; absent ones stay as they are. */
  readonly triplet?: TripletRow;
  readonly network?: NetworkRow;
}

/**
 * The end of a row moves on by at least this part of its lifetime, so that a busy client does not
 * cost a write for every recipient.
 */
const STEP = 1 / 64;

function movedOn(expires: number, { now, rules }: GreylistQuestion): number | undefined {
  const later = now + rules.lifetimeMs;
  return later - expires >= rules.lifetimeMs * STEP ? later : undefined;
}

function judgeSeen(row: TripletRow, before: NetworkRow | undefined, question: GreylistQuestion): Judgement {
  const { now, rules } = question;
  const { firstSeen } = row;
  if (row.confirmed) {
    const finding = { status: 'passed', waitMs: 0, firstSeen } as const;
    const expires = movedOn(row.expires, question);
    return expires === undefined ? { finding } : { finding, triplet: { ...row, expires } };
  }
  const waitMs = firstSeen + rules.delayMs - now;
  if (waitMs > 0) return { finding: { status: 'early', waitMs, firstSeen } };
  const expires = now + rules.lifetimeMs;
  return {
    finding: { status: 'passed', waitMs: 0, firstSeen },
    triplet: { firstSeen, confirmed: true, expires },
    network: { confirmed: (before?.confirmed ?? 0) + 1, expires },
  };
}

/** What an attempt comes to. Rows that have expired are given as undefined, or are ignored here. */
export function judge(
  question: GreylistQuestion,
  rows: { readonly triplet: TripletRow | undefined; readonly network: NetworkRow | undefined },
): Judgement {
  const { now, rules } = question;
  const network = rows.network && rows.network.expires > now ? rows.network : undefined;
  if (network && rules.networkAfter > 0 && network.confirmed >= rules.networkAfter) {
    const finding = { status: 'whitelisted', waitMs: 0, firstSeen: null } as const;
    const expires = movedOn(network.expires, question);
    return expires === undefined ? { finding } : { finding, network: { ...network, expires } };
  }
  const { triplet } = rows;
  if (triplet && triplet.expires > now && triplet.firstSeen <= now)
    return judgeSeen(triplet, network, question);
  return {
    finding: { status: 'new', waitMs: rules.delayMs, firstSeen: now },
    triplet: { firstSeen: now, confirmed: false, expires: now + rules.retryWindowMs },
  };
}

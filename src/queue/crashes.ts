/**
 * What a death of the process means for the entries that were in flight (RFC 5321 §4.2.5).
 *
 * A message may be the cause, so it cannot be tried for ever; yet up to sixteen entries are in
 * flight together, and a power cut or a `kill -9` says nothing about any of them. So the first
 * death is forgiven. From the second on the suspects start one by one: those that did no wrong
 * end their attempt, which clears their count, and only the guilty one is still in flight at the
 * next death. An entry is set aside when it was there each time.
 *
 * Callers: implementations of the Store port, from `recoverLeases`. Pure.
 */

/** Deaths in a row, with no attempt ended in between, after which an entry is set aside. */
const MOST_CRASHES = 5;
/** From this death on an entry is tried apart from the other suspects. */
const APART_FROM = 2;
/** Longer than an attempt that delivers at once, so that one suspect is gone before the next. */
const APART_MS = 1000;

export interface AfterCrash {
  readonly parked: boolean;
  /** When it is tried again, or since when it is set aside. */
  readonly at: number;
  /** Why it is set aside; empty otherwise. */
  readonly reason: string;
}

/** Decides for one entry after another; `crashes` is how often it was in flight, this time included. */
export function createCrashJudge(now: number): (crashes: number) => AfterCrash {
  let suspects = 0;
  return (crashes) => {
    if (crashes >= MOST_CRASHES) {
      const reason = `the process died ${crashes} times while it worked on this message`;
      return { parked: true, at: now, reason };
    }
    if (crashes < APART_FROM) return { parked: false, at: now, reason: '' };
    const at = now + suspects * APART_MS;
    suspects += 1;
    return { parked: false, at, reason: '' };
  };
}

/**
 * When to start a process again that has died, as pure arithmetic.
 *
 * A process that ran well for a while is replaced at once; one that dies again and again is
 * replaced ever more slowly, so that a machine is not kept busy by starting.
 *
 * Callers: app/processes/supervisor.
 */

export const FIRST_WAIT_MS = 50;
export const LONGEST_WAIT_MS = 30_000;
/** After this long, an earlier death says nothing about the next. */
export const HEALTHY_MS = 60_000;

/** Wait before the next start, given the last wait and how long the process lived. */
export function nextWait(lastWaitMs: number, livedMs: number): number {
  if (livedMs >= HEALTHY_MS || lastWaitMs === 0) return FIRST_WAIT_MS;
  return Math.min(lastWaitMs * 2, LONGEST_WAIT_MS);
}

/**
 * CPU time of a process and everything below it, as Linux counts it: all threads, user and system.
 *
 * Callers: policy.bench.mjs. Needs /proc; its unit is a hundredth of a second, so a run must be
 * long against that.
 */
import { readFileSync, readdirSync } from 'node:fs';

const TICK_US = 10_000;

function processesBelow(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== ''),
  );
  return [pid, ...children.flatMap((child) => processesBelow(child))];
}

/** Own time, and that of children which have ended; see proc(5). */
function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name stands in parentheses and may hold blanks; the fields after it do not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Microseconds of CPU time that the process `pid` and its descendants have used so far. */
export function cpuMicroseconds(pid) {
  return processesBelow(pid).reduce((sum, each) => sum + ticksOf(each) * TICK_US, 0);
}

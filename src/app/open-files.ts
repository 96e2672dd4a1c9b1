/**
 * How many connections the file descriptors of this process allow.
 *
 * A part stays free for everything else that is opened: the database, message files, Maildirs,
 * DNS, connections to other servers. Raising the limit of open files raises the number. The limit is
 * read once, because Node raises its own before the program begins and nothing of ours changes it.
 *
 * Callers: app/compose-listeners. Where the system sets no limit, or tells of none, there is none.
 */
import { readFileSync } from 'node:fs';

/** What a process under load has open beside its clients. */
const LEAST_SPARE = 64;
const SPARE_SHARE = 1 / 4;

/** The part of a diagnostic report that is read here. */
interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

/** What Linux says of this process; `undefined` where there is no such file. */
function limitOfLinux(): string | undefined {
  try {
    return /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  } catch {
    // Another system, or one that shows no /proc: the report knows as well.
    return undefined;
  }
}

/** The same from a report, which knows every system but takes its time. */
function limitOfReport(): number | string | undefined {
  // A report looks up the names of the other ends of all sockets, unless it is told not to.
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report;
  const before = report.excludeNetwork;
  if (before !== undefined) report.excludeNetwork = true;
  const { userLimits } = report.getReport() as Report;
  if (before !== undefined) report.excludeNetwork = before;
  return userLimits?.open_files?.soft;
}

let known: number | undefined;

/** The limit of open files that is in force for this process. */
function openFileLimit(): number {
  if (known !== undefined) return known;
  const soft = Number(limitOfLinux() ?? limitOfReport());
  known = Number.isInteger(soft) && soft > 0 ? soft : Number.POSITIVE_INFINITY;
  return known;
}

/** Sockets of clients that may be open at once; at least one. */
export function mostSockets(openFiles: number = openFileLimit()): number {
  const spare = Math.max(LEAST_SPARE, Math.ceil(openFiles * SPARE_SHARE));
  return openFiles === Number.POSITIVE_INFINITY ? openFiles : Math.max(1, openFiles - spare);
}

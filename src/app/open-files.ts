/**
 * How many connections the file descriptors of this process allow.
 *
 * A part stays free for everything else that is opened: the database, message files, Maildirs,
 * DNS, connections to other servers. Raising the limit of open files raises the number.
 *
 * Callers: app/compose-mail. Where the system sets no limit there is none.
 */

/** What a process under load has open beside its clients. */
const LEAST_SPARE = 64;
const SPARE_SHARE = 1 / 4;

/** The part of a diagnostic report that is read here. */
interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

/** The limit of open files that is in force for this process. */
function openFileLimit(): number {
  const { userLimits } = process.report.getReport() as Report;
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isInteger(soft) && soft > 0 ? soft : Number.POSITIVE_INFINITY;
}

/** Sockets of clients that may be open at once; at least one. */
export function mostSockets(openFiles: number = openFileLimit()): number {
  const spare = Math.max(LEAST_SPARE, Math.ceil(openFiles * SPARE_SHARE));
  return openFiles === Number.POSITIVE_INFINITY ? openFiles : Math.max(1, openFiles - spare);
}

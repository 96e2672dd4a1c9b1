/**
 * What the exit status of `postern` means; documented in `postern --help`.
 *
 * Callers: cli only. A status, once released, keeps its meaning: scripts depend on it.
 */

export const EXIT = {
  /** Done, and nothing to complain about. */
  ok: 0,
  /** Understood, but something is wrong: a finding, a refused configuration, nothing found. */
  findings: 1,
  /** The command line itself was wrong; nothing was done. */
  usage: 2,
  /** A fault of the program. */
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

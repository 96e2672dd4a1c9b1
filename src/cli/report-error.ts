/**
 * Says what went wrong, and what to do about it.
 *
 * An error of ours has a hint in the error table; anything else is a fault of the program, and
 * only then does the text ask for a report. Stacks are for `--verbose`. Control characters of
 * foreign text do not reach the terminal.
 *
 * Callers: cli/main, cli/commands.
 */
import { isEngineError, messageOf } from '../core/errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Terminal } from './frame.js';

const UNPRINTABLE = /(?![\n\t])\p{Cc}/gu;

/** Text of unknown origin for a terminal: control characters become `?`, line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

/** `postern: message`, and the hint below it. */
export function complaint(message: string, hint: string): string {
  return printable(`postern: ${message}\n  what to do: ${hint}`);
}

/** The errors inside an error that collects several. */
function parts(error: unknown): readonly unknown[] {
  if (error instanceof Error && 'problems' in error && Array.isArray(error.problems)) return error.problems;
  return [error];
}

function hintOf(error: unknown): string {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}

/** Prints the error and answers the exit status that it deserves. */
export function reportError(error: unknown, terminal: Terminal, verbose: boolean): ExitCode {
  const known = isEngineError(error) && error.code !== 'ERR_INVARIANT';
  for (const part of parts(error)) {
    const hint = known
      ? hintOf(part)
      : 'This is a fault of Postern; please report it with the output of --verbose.';
    terminal.complain(complaint(messageOf(part), hint));
  }
  if (verbose) terminal.complain(printable(stackOf(error)));
  return known ? EXIT.findings : EXIT.internal;
}

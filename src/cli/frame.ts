/**
 * What a command gets from the frame around it, and the table row that announces it.
 *
 * A command prints through the Terminal and ends with an exit status; it never touches `process`,
 * so tests run it in their own process.
 *
 * Callers: cli/main, cli/commands.
 */
import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.js';

export interface Terminal {
  /** One or more lines to standard output; the line end is added. */
  print(text: string): void;
  /** The same to standard error. */
  complain(text: string): void;
  /** For servers: from now on, output that nobody takes is lost instead of ending the process. */
  outliveReaders(): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder in which the command was given. */
  readonly cwd: string;
}

export interface Frame {
  readonly terminal: Terminal;
  /** Sets the exit status; the last call counts. A command that never calls it ends with 0. */
  readonly end: (code: ExitCode) => void;
}

/** What each file of cli/commands exports. */
export interface CommandModule {
  /** Adds arguments, options, subcommands and the action to the empty command of the row. */
  readonly defineCommand: (command: Command, frame: Frame) => void;
}

export interface CommandRow {
  readonly name: string;
  /** One line for `postern --help`. */
  readonly summary: string;
  /** Heading in `postern --help`, with its colon. */
  readonly group: 'Run:' | 'Set up:' | 'Look into it:';
  /** Loads the command; only the one that was asked for is loaded. */
  readonly load: () => Promise<CommandModule>;
}

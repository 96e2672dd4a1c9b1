/**
 * Builds the command line from the table of commands and runs one command.
 *
 * Only the command that was asked for is loaded; the others appear in the help by their row. So
 * `postern --help` and `postern --version` stay quick however many commands there are.
 *
 * Callers: cli/main, tests. Never ends the process and never rejects: the answer is the status.
 */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../app/version.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { CommandRow, Frame, Terminal } from './frame.js';
import { complaint, printable, reportError } from './report-error.js';

const EPILOGUE = `
Exit status:
  0   done, nothing to complain about
  1   something is wrong, and was told
  2   the command line was wrong; nothing was done
  70  a fault of Postern itself

Every setting can also be given as an environment variable: POSTERN_DATA_DIR, POSTERN_QUEUE__MAX_RETRY.
"postern config explain" shows each setting, its value and where it came from.`;

function createProgram(terminal: Terminal): Command {
  const program = new Command('postern');
  return program
    .description('An SMTP policy engine, scripted in TypeScript.')
    .version(`postern ${packageVersion()}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .option('-v, --verbose', 'show stacks of errors')
    .addHelpText('after', EPILOGUE)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.print(text.replace(/\n$/, ''));
      },
      writeErr: (text) => {
        terminal.complain(text.replace(/\n$/, ''));
      },
      outputError: (text) => {
        const message = text
          .replace(/^error: /, '')
          .trim()
          .replaceAll('\n', ' ');
        terminal.complain(complaint(message, 'Add --help to see what the command takes.'));
      },
    });
}

/** The command that the arguments ask for, or ask help about. */
function askedFor(words: readonly string[]): string | undefined {
  const names = words.filter((word) => !word.startsWith('-'));
  return names[0] === 'help' ? names[1] : names[0];
}

/** Runs `words` (without program and script name) and answers the exit status. */
export async function runCli(
  words: readonly string[],
  terminal: Terminal,
  commands: readonly CommandRow[],
): Promise<ExitCode> {
  let status: ExitCode = EXIT.ok;
  const frame: Frame = {
    terminal,
    end: (code) => {
      status = code;
    },
  };
  const program = createProgram(terminal);
  const verbose = words.includes('--verbose') || words.includes('-v');
  const asked = askedFor(words);
  try {
    for (const row of commands) {
      const command = program
        .command(row.name)
        .summary(row.summary)
        .description(row.summary)
        .helpGroup(row.group);
      if (row.name === asked) (await row.load()).defineCommand(command, frame);
    }
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, terminal, verbose);
    if (verbose && error.exitCode !== 0) terminal.complain(printable(error.stack ?? error.message));
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

#!/usr/bin/env node
/**
 * The `postern` command.
 *
 * Connects the command line to this process: arguments, environment, output, exit status. The
 * status is set and the process ends when nothing is left to do, so that output is never cut.
 */
import { COMMANDS } from './command-table.js';
import type { Terminal } from './frame.js';
import { runCli } from './program.js';

let outlivesReaders = false;

// `postern config explain | head` closes the pipe early; that is the reader's right, no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (outlivesReaders) return;
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const terminal: Terminal = {
  print: (text) => {
    process.stdout.write(`${text}\n`);
  },
  complain: (text) => {
    process.stderr.write(`${text}\n`);
  },
  outliveReaders: () => {
    outlivesReaders = true;
  },
  environment: process.env,
  cwd: process.cwd(),
};

process.exitCode = await runCli(process.argv.slice(2), terminal, COMMANDS);

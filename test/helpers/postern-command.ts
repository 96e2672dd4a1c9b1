/**
 * The built `postern` command, run to its end as an operator runs it.
 *
 * Children get an environment of their own: no POSTERN_* variable of whoever runs the tests may
 * change what they see.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './temp-project.js';

/** The command's script. */
export const MAIN: string = join(ROOT, 'dist', 'cli', 'main.js');

export interface Finished {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Given to standard input. */
  readonly input?: string | Buffer;
}

/** What a child sees of this process's environment, and what the test adds. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NO_COLOR: '1', ...extra };
}

/** Runs any program to its end. */
export async function runProgram(
  program: string,
  words: readonly string[],
  options: CommandOptions,
): Promise<Finished> {
  const child = spawn(program, words, { cwd: options.cwd, env: cleanEnvironment(options.env) });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  // A program that does not read its input closes the pipe, which is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

/** Runs `postern ...words`. */
export async function runPostern(words: readonly string[], options: CommandOptions): Promise<Finished> {
  return await runProgram(process.execPath, [MAIN, ...words], options);
}

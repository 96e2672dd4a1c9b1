/** Debian's swaks as a client; what `requireProgram` found is the program. */
import { spawnSync } from 'node:child_process';
import { type Finished, runProgram } from './postern-command.js';
import { requireProgram } from './real-parts.js';
import { ROOT } from './temp-project.js';

export interface SwaksMessage {
  readonly port: number;
  readonly from: string;
  readonly to: string;
  /** Whole message with LF line ends, dots not doubled; swaks writes one of its own without it. */
  readonly data?: Buffer;
  /** Further words for its command line. */
  readonly args?: readonly string[];
}

/** swaks as `requireProgram` finds it, but only with the module by which it speaks TLS. */
export function requireTlsSwaks(): string | undefined {
  const found = requireProgram('swaks', 'swaks');
  if (found === undefined) return undefined;
  const { stdout } = spawnSync(found, ['--support'], { encoding: 'utf8' });
  if (/TLS supported/.test(stdout)) return found;
  const text = 'swaks has no TLS (Debian package libnet-ssleay-perl)';
  if (process.env['POSTERN_REQUIRE_REAL'] === '1') throw new Error(`${text}, and POSTERN_REQUIRE_REAL=1`);
  process.stderr.write(`skipped: ${text}\n`);
  return undefined;
}

/** Sends one message; the transcript is in `out`, a refusal in the exit status. */
export async function swaks(program: string, message: SwaksMessage): Promise<Finished> {
  const { port, from, to, data, args = [] } = message;
  const words = ['--server', `127.0.0.1:${port}`, '--helo', 'swaks.test', '--from', from, '--to', to];
  // swaks ends the last line itself, so a line end at the end would become an empty line.
  const body = data === undefined ? {} : { input: data.subarray(0, data.at(-1) === 0x0a ? -1 : undefined) };
  return await runProgram(program, [...words, ...(data ? ['--data', '-'] : []), ...args], {
    cwd: ROOT,
    ...body,
  });
}

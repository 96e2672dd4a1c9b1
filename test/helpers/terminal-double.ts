/** A Terminal that keeps what was printed, for commands run inside the test's process. */
import type { Terminal } from '../../src/cli/frame.js';

export interface TerminalDouble extends Terminal {
  readonly printed: () => string;
  readonly complained: () => string;
}

export function createTerminalDouble(cwd: string, environment: Record<string, string> = {}): TerminalDouble {
  const out: string[] = [];
  const err: string[] = [];
  return {
    print: (text) => {
      out.push(text);
    },
    complain: (text) => {
      err.push(text);
    },
    outliveReaders: () => undefined,
    environment,
    cwd,
    printed: () => out.join('\n'),
    complained: () => err.join('\n'),
  };
}

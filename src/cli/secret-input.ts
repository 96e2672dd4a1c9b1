/**
 * Where commands get passwords from: a person who types unseen, or the first line of standard input.
 *
 * Never from the command line, which every user of the machine can read while the command runs. A
 * secret read here has at most `LONGEST_INPUT` octets and is valid UTF-8.
 *
 * Callers: cli/commands. Cancelled, too long and not UTF-8 are values; rejects when the input fails.
 */
import { isUtf8 } from 'node:buffer';

export type SecretReading =
  | { readonly status: 'ok'; readonly text: string }
  /** Ctrl-C, or the input ended first. */
  | { readonly status: 'cancelled' }
  | { readonly status: 'refused'; readonly reason: string };

export interface SecretInput {
  /** Whether somebody sits at a terminal and can be asked. */
  readonly isInteractive: boolean;
  /** Asks at the terminal; what is typed is not shown. */
  ask(question: string): Promise<SecretReading>;
  /** The first line of the input, without its end. */
  readLine(): Promise<SecretReading>;
}

/** What is needed of `process.stdin`. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** More than any password that the users file takes. */
const LONGEST_INPUT = 4096;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_U = 0x15;
const BACKSPACES = [0x08, 0x7f];

function reading(octets: Buffer): SecretReading {
  if (octets.length > LONGEST_INPUT) {
    return { status: 'refused', reason: `it is longer than ${LONGEST_INPUT} octets` };
  }
  if (!isUtf8(octets)) return { status: 'refused', reason: 'it is not UTF-8' };
  return { status: 'ok', text: octets.toString() };
}

/** A line as it is typed at a terminal in raw mode, where nobody else handles the keys. */
class TypedLine {
  #octets: number[] = [];

  /** Takes one octet; answers once the line is over. */
  take(octet: number): SecretReading | undefined {
    if (octet === CTRL_C) return { status: 'cancelled' };
    if (octet === CTRL_D && this.#octets.length === 0) return { status: 'cancelled' };
    if ([LINE_FEED, CARRIAGE_RETURN, CTRL_D].includes(octet)) return reading(Buffer.from(this.#octets));
    if (octet === CTRL_U) this.#octets = [];
    else if (BACKSPACES.includes(octet)) this.#dropCharacter();
    // One more than allowed is kept, so that the end can tell.
    else if (this.#octets.length <= LONGEST_INPUT) this.#octets.push(octet);
    return undefined;
  }

  #dropCharacter(): void {
    while (((this.#octets.at(-1) ?? 0) & 0xc0) === 0x80) this.#octets.pop();
    this.#octets.pop();
  }
}

export function createSecretInput(stdin: InputStream, write: (text: string) => void): SecretInput {
  /** Typed or pasted after the end of a line: the beginning of the next. */
  let ahead: Buffer = Buffer.alloc(0);

  function typed(): Promise<SecretReading> {
    return new Promise((resolve) => {
      const line = new TypedLine();
      const finish = (result: SecretReading): void => {
        stdin.off('data', hear);
        stdin.off('end', onEnd);
        stdin.pause();
        resolve(result);
      };
      const onEnd = (): void => {
        finish({ status: 'cancelled' });
      };
      const hear = (chunk: Buffer): void => {
        for (const [index, octet] of chunk.entries()) {
          const result = line.take(octet);
          if (!result) continue;
          ahead = chunk.subarray(index + 1);
          finish(result);
          return;
        }
      };
      stdin.on('data', hear);
      stdin.on('end', onEnd);
      const rest = ahead;
      ahead = Buffer.alloc(0);
      stdin.resume();
      hear(rest);
    });
  }

  return {
    isInteractive: stdin.isTTY === true,
    async ask(question) {
      // Before the question: what is typed at once must not be shown either.
      stdin.setRawMode?.(true);
      try {
        write(question);
        return await typed();
      } finally {
        stdin.setRawMode?.(false);
        write('\n');
      }
    },
    async readLine() {
      let octets: Buffer = Buffer.alloc(0);
      for await (const chunk of stdin) {
        octets = Buffer.concat([octets, Buffer.from(chunk)]);
        if (octets.includes(LINE_FEED) || octets.length > LONGEST_INPUT) break;
      }
      if (octets.length === 0) return { status: 'cancelled' };
      const end = octets.indexOf(LINE_FEED);
      const line = end === -1 ? octets : octets.subarray(0, end);
      return reading(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
    },
  };
}

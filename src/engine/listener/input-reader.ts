/**
 * Cuts what a client sends into command lines and message content (RFC 5321 §2.3.8).
 *
 * Commands end in CRLF and nothing else. A line is handed on only whole; of one that is too long
 * nothing is kept, it is skipped to its end and refused once. Everything is strictly in order:
 * the next line is looked at only when the handler of the one before has settled, which also
 * holds back the client.
 *
 * Callers: connection.ts feeds it; conversation.ts handles. Holds at most one partial line.
 */
import { createDataScanner, type DataScanner } from './data-scanner.js';

export type LineFault = 'bare-lf' | 'too-long';

export interface InputHandler {
  /** One command without its line end. */
  line(line: Buffer): Promise<void>;
  badLine(fault: LineFault): Promise<void>;
  /** The first octets of a line have come, and its end has not. */
  lineBegan(): void;
  /** Content of the message, unstuffed. */
  content(piece: Buffer): Promise<void> | undefined;
  /** The message is over. */
  contentEnd(): Promise<void>;
}

export interface InputReader {
  feed(chunk: Buffer): Promise<void>;
  /** What follows the current line is a message. */
  startData(): void;
  /** Nothing that came or comes is handled any more. */
  stop(): void;
}

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

export function createInputReader(handler: InputHandler, maxLineOctets: number): InputReader {
  let stopped = false;
  let scanner: DataScanner | undefined;
  let partial = NOTHING;
  let skipping = false;

  /** Keeps the beginning of a line, or begins to skip it when it is too long already. */
  function holdBack(octets: Buffer): void {
    if (!skipping && partial.length === 0) handler.lineBegan();
    // One octet more than a line may have: its CR, whose LF is still to come.
    if (skipping || partial.length + octets.length > maxLineOctets + 1) {
      skipping = true;
      partial = NOTHING;
      return;
    }
    // A copy, because a few octets must not keep a whole network buffer alive.
    partial = Buffer.concat([partial, octets]);
  }

  async function takeLine(octets: Buffer): Promise<void> {
    const line = partial.length === 0 ? octets : Buffer.concat([partial, octets]);
    const skipped = skipping || line.length > maxLineOctets + 2;
    partial = NOTHING;
    skipping = false;
    if (skipped) return handler.badLine('too-long');
    if (line.at(-2) !== CR) return handler.badLine('bare-lf');
    return handler.line(line.subarray(0, -2));
  }

  return {
    async feed(chunk) {
      let rest = chunk;
      while (rest.length > 0 && !stopped) {
        if (scanner) {
          const scanned = scanner.feed(rest);
          if (scanned.content.length > 0) await handler.content(scanned.content);
          if (scanned.rest === undefined) return;
          scanner = undefined;
          rest = scanned.rest;
          if (!stopped) await handler.contentEnd();
          continue;
        }
        const lf = rest.indexOf(LF);
        if (lf < 0) {
          holdBack(rest);
          return;
        }
        const line = rest.subarray(0, lf + 1);
        rest = rest.subarray(lf + 1);
        await takeLine(line);
      }
    },
    startData() {
      scanner = createDataScanner();
    },
    stop() {
      stopped = true;
      partial = NOTHING;
    },
  };
}

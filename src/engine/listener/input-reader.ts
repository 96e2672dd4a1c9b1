/**
 * Cuts what a client sends into command lines and message content (RFC 5321 §2.3.8, RFC 3030 §2).
 *
 * Commands end in CRLF and nothing else. A line is handed on only whole; of one that is too long
 * nothing is kept, it is skipped to its end and refused once. Everything is strictly in order:
 * what follows is looked at only when the handler of the step before has settled. A handler that
 * need not wait returns nothing, and costs no turn of the event loop.
 *
 * Callers: connection.ts feeds it; conversation.ts handles. Holds at most one partial line beside
 * the piece it was fed.
 */
import { createDataScanner, type DataScanner } from './data-scanner.js';

export type LineFault = 'bare-lf' | 'too-long';

/** A step that has to wait gives a promise. */
export type Step = Promise<void> | undefined;

export interface InputHandler {
  /** One command without its line end. */
  line(line: Buffer): Step;
  badLine(fault: LineFault): Step;
  /** The first octets of a line have come, and its end has not. */
  lineBegan(): void;
  /** Content of the message, unstuffed. */
  content(piece: Buffer): Step;
  /** The message, or the chunk of it, is over. */
  contentEnd(): Step;
}

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

export class InputReader {
  readonly #handler: InputHandler;
  #maxLineOctets: number;
  #scanner: DataScanner | undefined;
  /** Octets of a chunk that are still to come; 0 outside of chunks. */
  #chunkLeft = 0;
  #rest: Buffer = NOTHING;
  #partial: Buffer = NOTHING;
  #isSkipping = false;
  /** The octet before the next one, of a line that is skipped. */
  #lastSkipped: number | undefined;
  #isStopped = false;
  readonly #goOn = (): Step => this.#run();

  constructor(handler: InputHandler, maxLineOctets: number) {
    this.#handler = handler;
    this.#maxLineOctets = maxLineOctets;
  }

  /** Takes the next octets. Not to be called again before a promise it gave has settled. */
  feed(chunk: Buffer): Step {
    this.#rest = chunk;
    return this.#run();
  }

  /** What follows the current line is a message. */
  readMessage(): void {
    this.#scanner = createDataScanner();
  }

  /** What follows the current line are so many octets of content, at least one. */
  readChunk(octets: number): void {
    this.#chunkLeft = octets;
  }

  limitLine(octets: number): void {
    this.#maxLineOctets = octets;
  }

  /** Forgets everything that came so far; what comes next begins a line. */
  forget(): void {
    this.#rest = NOTHING;
    this.#partial = NOTHING;
    this.#isSkipping = false;
    this.#lastSkipped = undefined;
    this.#scanner = undefined;
    this.#chunkLeft = 0;
  }

  /** Whether something that came is still to be looked at. */
  get isBehind(): boolean {
    return this.#rest.length > 0;
  }

  /** Nothing that came or comes is handled any more. */
  stop(): void {
    this.forget();
    this.#isStopped = true;
  }

  #run(): Step {
    while (this.#rest.length > 0 && !this.#isStopped) {
      const step = this.#step();
      if (step) return step.then(this.#goOn);
    }
    return undefined;
  }

  #step(): Step {
    if (this.#scanner) return this.#takeContent(this.#scanner);
    if (this.#chunkLeft > 0) return this.#takeChunk();
    return this.#takeLine();
  }

  #takeContent(scanner: DataScanner): Step {
    const { content, rest } = scanner.feed(this.#rest);
    this.#rest = rest && rest.length > 0 ? rest : NOTHING;
    if (rest) this.#scanner = undefined;
    const taken = content.length > 0 ? this.#handler.content(content) : undefined;
    return rest ? this.#afterContent(taken) : taken;
  }

  #takeChunk(): Step {
    const piece = this.#rest.subarray(0, this.#chunkLeft);
    this.#rest = this.#rest.subarray(piece.length);
    this.#chunkLeft -= piece.length;
    const isLast = this.#chunkLeft === 0;
    const taken = this.#handler.content(piece);
    return isLast ? this.#afterContent(taken) : taken;
  }

  #afterContent(taken: Step): Step {
    const end = (): Step => (this.#isStopped ? undefined : this.#handler.contentEnd());
    return taken ? taken.then(end) : end();
  }

  #takeLine(): Step {
    const lf = this.#rest.indexOf(LF);
    if (lf < 0) {
      this.#holdBack(this.#rest);
      this.#rest = NOTHING;
      return undefined;
    }
    const octets = this.#rest.subarray(0, lf + 1);
    // An empty piece would keep the whole network buffer alive.
    this.#rest = lf + 1 < this.#rest.length ? this.#rest.subarray(lf + 1) : NOTHING;
    const line = this.#partial.length === 0 ? octets : Buffer.concat([this.#partial, octets]);
    const isTooLong = this.#isSkipping || line.length > this.#maxLineOctets + 2;
    const before = line.length > 1 ? line.at(-2) : this.#lastSkipped;
    this.#partial = NOTHING;
    this.#isSkipping = false;
    this.#lastSkipped = undefined;
    if (before !== CR) return this.#handler.badLine('bare-lf');
    if (isTooLong) return this.#handler.badLine('too-long');
    return this.#handler.line(line.subarray(0, -2));
  }

  /** Keeps the beginning of a line, or begins to skip it when it is too long already. */
  #holdBack(octets: Buffer): void {
    if (!this.#isSkipping && this.#partial.length === 0) this.#handler.lineBegan();
    // One octet more than a line may have: its CR, whose LF is still to come.
    if (this.#isSkipping || this.#partial.length + octets.length > this.#maxLineOctets + 1) {
      this.#isSkipping = true;
      this.#lastSkipped = octets.at(-1);
      this.#partial = NOTHING;
      return;
    }
    // A copy, because a few octets must not keep a whole network buffer alive.
    this.#partial = Buffer.concat([this.#partial, octets]);
  }
}

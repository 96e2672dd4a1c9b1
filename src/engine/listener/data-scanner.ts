/**
 * Finds the end of DATA and takes the stuffed dots out (RFC 5321 §4.5.2, §4.1.1.4).
 *
 * Only CRLF, dot, CRLF ends the message, and only a dot right after CRLF is taken out; a dot
 * behind a bare CR or LF is content. Pieces may be cut anywhere: at most a dot and a CR are held
 * back between them. Clean text is passed through without a copy; text with dots is closed up in
 * its own buffer. The search is native, and there is no step per line or per octet.
 *
 * Callers: input-reader.ts.
 */

export interface Scanned {
  /** Content without stuffed dots; may be empty. */
  readonly content: Buffer;
  /** What followed the end of the message; `undefined` while the message goes on. */
  readonly rest: Buffer | undefined;
}

export interface DataScanner {
  /** The buffer belongs to the scanner, which may move octets inside it. */
  feed(piece: Buffer): Scanned;
}

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const LINE_DOT = Buffer.from('\r\n.');
const HELD_CR = Buffer.from('\r');

/** What the octets so far end in: text, CR, CRLF, CRLF and dot, or CRLF, dot and CR. */
type State = 'text' | 'cr' | 'lineStart' | 'dot' | 'dotCr';

/** One piece on its way through the scanner: `start` is where content not yet kept begins. */
interface Passage {
  readonly piece: Buffer;
  position: number;
  start: number;
  /** Where the next kept octet goes. */
  write: number;
  /** A CR held back from the piece before turned out to be content. */
  leadingCr: boolean;
}

function keep(p: Passage, end: number): void {
  if (end <= p.start) return;
  if (p.write !== p.start) p.piece.copyWithin(p.write, p.start, end);
  p.write += end - p.start;
  p.start = end;
}

/** The state after the last octet of text; the octets before `from` were judged already. */
function tailState(piece: Buffer, from: number): State {
  const last = piece.length - 1;
  if (last < from) return 'text';
  if (piece[last] === CR) return 'cr';
  return piece[last] === LF && last > from && piece[last - 1] === CR ? 'lineStart' : 'text';
}

/** One step over text: to the next dot at a line start, or to the end of the piece. */
function passText(p: Passage): State {
  const from = p.position;
  const found = p.piece.indexOf(LINE_DOT, from);
  if (found < 0) {
    // Looked at before `keep` moves octets about.
    const tail = tailState(p.piece, from);
    keep(p, p.piece.length);
    p.position = p.piece.length;
    return tail;
  }
  keep(p, found + 2);
  p.position = found + 3;
  p.start = p.position;
  return 'dot';
}

/** One step at a place where single octets decide; `end` when the message is over. */
function passEdge(p: Passage, state: Exclude<State, 'text'>): State | 'end' {
  const octet = p.piece[p.position];
  switch (state) {
    case 'cr':
      if (octet !== LF) return 'text';
      p.position += 1;
      return 'lineStart';
    case 'lineStart':
      if (octet !== DOT) return 'text';
      keep(p, p.position);
      p.position += 1;
      p.start = p.position;
      return 'dot';
    case 'dot':
      if (octet !== CR) return 'text';
      p.position += 1;
      p.start = p.position;
      return 'dotCr';
    case 'dotCr':
      if (octet === LF) return 'end';
      if (p.position > 0) p.start = p.position - 1;
      else p.leadingCr = true;
      return 'text';
  }
}

export function createDataScanner(): DataScanner {
  let state: State = 'lineStart';
  return {
    feed(piece) {
      const p: Passage = { piece, position: 0, start: 0, write: 0, leadingCr: false };
      let rest: Buffer | undefined;
      while (p.position < piece.length) {
        const next = state === 'text' ? passText(p) : passEdge(p, state);
        if (next === 'end') {
          rest = piece.subarray(p.position + 1);
          break;
        }
        state = next;
      }
      if (rest === undefined) keep(p, piece.length);
      const content = piece.subarray(0, p.write);
      return { content: p.leadingCr ? Buffer.concat([HELD_CR, content]) : content, rest };
    },
  };
}

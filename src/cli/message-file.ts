/**
 * A message from a file or from standard input, in pieces, with the line ends it has on the wire.
 *
 * Files of mail programs and of tests often end their lines in LF alone; each such LF is read as
 * CRLF. A CR that stands alone stays as it is.
 *
 * Callers: cli/commands. Iterating rejects with what the system says.
 */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';

const LF = 0x0a;
const CR = 0x0d;

/** The octets of `path`, which counts from `folder`, or of `stdin` where the path is `-`. */
export function messageOctets(
  path: string,
  folder: string,
  stdin: AsyncIterable<string | Buffer> = process.stdin,
): AsyncIterable<Buffer> {
  return withCrlf(path === '-' ? stdin : createReadStream(resolve(folder, path)));
}

/** Never more than twice a piece is held. */
async function* withCrlf(octets: AsyncIterable<string | Buffer>): AsyncGenerator<Buffer> {
  let isAfterCr = false;
  for await (const given of octets) {
    const piece = Buffer.from(given);
    if (piece.length === 0) continue;
    yield repaired(piece, isAfterCr);
    isAfterCr = piece.at(-1) === CR;
  }
}

function repaired(piece: Buffer, isAfterCr: boolean): Buffer {
  const startsMidway = isAfterCr && piece[0] === LF;
  const text = (startsMidway ? piece.subarray(1) : piece).toString('latin1');
  return Buffer.from((startsMidway ? '\n' : '') + text.replace(/\r?\n/g, '\r\n'), 'latin1');
}

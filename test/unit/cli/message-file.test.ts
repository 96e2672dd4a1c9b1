import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { messageOctets } from '../../../src/cli/message-file.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function read(octets: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of octets) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

const TEXT = 'a\nb\r\nc\r\n\n\rd\r\r\n\n\xff\0e\r';
const ON_THE_WIRE = 'a\r\nb\r\nc\r\n\r\n\rd\r\r\n\r\n\xff\0e\r';

describe('messageOctets', () => {
  it.each([1, 2, 3, 100])('makes each LF alone a CRLF, in pieces of %i', async (size) => {
    const octets = Buffer.from(TEXT, 'latin1');
    const pieces = Array.from({ length: Math.ceil(octets.length / size) }, (_, at) =>
      octets.subarray(at * size, (at + 1) * size),
    );
    expect(await read(messageOctets('-', '/', Readable.from(pieces)))).toBe(ON_THE_WIRE);
  });

  it('reads a file that counts from the folder', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'm.eml'), TEXT, 'latin1');
    expect(await read(messageOctets('m.eml', folder))).toBe(ON_THE_WIRE);
  });
});

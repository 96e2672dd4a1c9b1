import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { parseDestination } from '../../src/delivery/next-hop.js';
import { createDotStuffer } from '../../src/delivery/smtp/dot-stuffer.js';
import { createNextHopTransport } from '../../src/delivery/smtp/transport.js';
import type { RecipientResult } from '../../src/delivery/transport.js';
import type { MessageBody } from '../../src/message/body.js';
import { sampleEntry } from '../helpers/queue-samples.js';

const nasty = fc.string({
  unit: fc.constantFrom('\r', '\n', '.', 'a', '\0', '\r\n', '\r\n.', '\r\n.\r\n', 'MAIL FROM:<x>\r\n'),
  maxLength: 40,
});
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 60 });

function* cut(octets: Buffer, lengths: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const length of lengths) {
    yield octets.subarray(from, from + length);
    from += length;
  }
  yield octets.subarray(from);
}

function stuffed(content: Buffer, lengths: readonly number[]): Buffer {
  const stuffer = createDotStuffer();
  const out = [...cut(content, lengths)].flatMap((piece) => stuffer.push(piece));
  return Buffer.concat([...out, stuffer.end()]);
}

/** What a server must take it for: every kind of line end is one, and the last line has one. */
function repaired(content: string): string {
  const lines = content.replace(/\r\n|\r|\n/g, '\r\n');
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}

describe('dot stuffer properties', () => {
  it('leaves CRLF only, and one end, which is the end', () => {
    fc.assert(
      fc.property(nasty, cuts, (text, lengths) => {
        const wire = stuffed(Buffer.from(text, 'latin1'), lengths).toString('latin1');
        expect(wire.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(`\r\n${wire}`.indexOf('\r\n.\r\n')).toBe(wire.length + 2 - 5);
        const content = `\r\n${wire.slice(0, -3)}`.replaceAll('\r\n.', '\r\n').slice(2);
        expect(content).toBe(repaired(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('shows another program one message for one message', async () => {
    const seen: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        const pieces: Buffer[] = [];
        stream.on('data', (piece: Buffer) => pieces.push(piece));
        stream.on('end', () => {
          seen.push(Buffer.concat(pieces).toString('latin1'));
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const hop = parseDestination(`smtp://127.0.0.1:${port}`);
    if (hop.status !== 'next-hop') throw new Error('no next hop');
    const transport = createNextHopTransport({
      hop: hop.hop,
      hostname: 'mx.example',
      tls: 'never',
      clock: systemClock,
    });
    try {
      await fc.assert(
        fc.asyncProperty(nasty, cuts, async (text, lengths) => {
          const octets = Buffer.from(text, 'latin1');
          const body: MessageBody = {
            ...{ place: 'file', path: '/nowhere', crc: 0, size: octets.length },
            async *stream() {
              yield* cut(octets, lengths);
            },
          };
          const results: RecipientResult[] = [];
          const entry = sampleEntry(1, { body });
          const { signal } = new AbortController();
          seen.length = 0;
          await transport.deliver(entry, entry.recipients, signal, (result) => results.push(result));
          expect(results).toMatchObject([{ status: 'delivered' }]);
          expect(seen).toEqual([repaired(`${entry.header.toString('latin1')}${text}`)]);
        }),
        { numRuns: 300 },
      );
    } finally {
      await transport.close();
      await new Promise<void>((resolve) => server.close(resolve));
    }
  });
});

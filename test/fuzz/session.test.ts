/**
 * Whatever a client sends, and wherever it is cut off: the engine stays, serves the next client,
 * and keeps nothing of the one that left.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { startEngine } from '../helpers/start-engine.js';

const started = startEngine({ listener: { maxConnectionsPerAddress: 1000 }, limits: { maxErrors: 1000 } });
afterAll(async () => {
  await (await started).stop();
});

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function isServed(): Promise<void> {
  const engine = await started;
  const peer = await engine.client();
  expect((await peer.say('EHLO next.example')).code).toBe(250);
  expect((await peer.say('QUIT')).code).toBe(221);
}

/** Every session ended, and nothing of a message is left. */
async function isQuiet(): Promise<void> {
  const { engine, intake } = await started;
  while (engine.sessionCount() > 0) await turns(1);
  expect(intake.open()).toBe(0);
}

const DIALOG =
  'EHLO x\r\nMAIL FROM:<a@there.example> SIZE=5\r\nRCPT TO:<b@here.example>\r\nDATA\r\n' +
  'A: b\r\n\r\n..body\r\n.\r\nRSET\r\nQUIT\r\n';

describe('sessions', () => {
  it('survive random octets', async () => {
    const verbs = [
      'EHLO x\r\n',
      'MAIL FROM:<>\r\n',
      'RCPT TO:<b@here.example>\r\n',
      'DATA\r\n',
      '\r\n.\r\n',
      '\r\n\r\n',
    ];
    const piece = fc.oneof(
      fc.constantFrom(...verbs),
      fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 15 }), async (pieces) => {
        const peer = await (await started).client();
        for (const text of pieces) peer.raw(text);
        await turns(3);
        peer.destroy();
      }),
      { numRuns: 200 },
    );
    await isServed();
    await isQuiet();
  });

  it('may be cut at every octet', async () => {
    const before = (await started).intake.messages.length;
    for (let i = 0; i <= DIALOG.length; i += 1) {
      const peer = await (await started).client();
      peer.raw(DIALOG.slice(0, i));
      await turns(3);
      peer.destroy();
    }
    await isServed();
    await isQuiet();
    const { messages } = (await started).intake;
    expect(messages.slice(before).every(({ body }) => body === '.body\r\n')).toBe(true);
  });

  it('skip a hundred million octets without a line end in little memory', async () => {
    const peer = await (await started).client();
    const block = 'x'.repeat(1_000_000);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 100; i += 1) {
      if (!peer.socket.write(block, 'latin1'))
        await new Promise((resolve) => peer.socket.once('drain', resolve));
    }
    peer.raw('\r\n');
    expect((await peer.reply()).lines[0]).toMatch(/^500 5\.5\.2 Command line too long/);
    expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(150);
    peer.destroy();
  });
});

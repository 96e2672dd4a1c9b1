/**
 * End-of-data smuggling: whatever stands in place of CRLF dot CRLF, one message stays one message.
 *
 * Each row is a message that hides a second one behind a false end. The text after it would be
 * commands to a lax server. Here it is content, or the message is refused at its true end, and
 * never is a hidden command run. RFC 5321 §2.3.8, §4.1.1.4.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** What a lax server may take for the end of the data. */
const FALSE_ENDS: readonly string[] = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r\n.\r\r\n',
  '\r\r\n.\r\r\n',
  '\n\n.\r\n',
  '\r\n\n.\r\n',
  '\n\r.\r\n',
  '\r\n.\0\r\n',
  '\r\n\0.\r\n',
  '\r\n.\n\r\n',
  '\r\n..\r\n',
  '\n..\r\n',
  '\r\n .\r\n',
  '\r\n.\x85',
];

const HIDDEN =
  'MAIL FROM:<evil@there.example>\r\nRCPT TO:<victim@here.example>\r\nDATA\r\nSubject: hidden\r\n\r\nhidden\r\n';

async function sendAll(text: string, pieceLength: number): Promise<RunningEngine> {
  const engine = running as RunningEngine;
  const peer = await engine.client();
  await peer.say('EHLO client.example');
  await peer.say('MAIL FROM:<a@there.example>');
  await peer.say('RCPT TO:<b@here.example>');
  expect((await peer.say('DATA')).code).toBe(354);
  for (let i = 0; i < text.length; i += pieceLength) {
    peer.raw(text.slice(i, i + pieceLength));
    // One turn of the loop between pieces, so that they arrive as pieces.
    if (pieceLength < text.length) await new Promise((resolve) => setImmediate(resolve));
  }
  const answer = await peer.reply();
  expect([250, 550]).toContain(answer.code);
  // The next reply answers our own next command, so nothing hidden was answered in between.
  expect((await peer.say('QUIT')).code).toBe(221);
  return engine;
}

for (const lineEndings of ['reject', 'normalize'] as const) {
  describe(`smuggling, lineEndings: ${lineEndings}`, () => {
    for (const end of FALSE_ENDS) {
      for (const pieceLength of [100_000, 1]) {
        it(`${JSON.stringify(end)} in pieces of ${pieceLength}`, async () => {
          running = await startEngine({ listener: { lineEndings } });
          const engine = await sendAll(`Subject: outer\r\n\r\nouter${end}${HIDDEN}.\r\n`, pieceLength);
          const senders = engine.policies.events.filter(({ event }) => event === 'onMailFrom');
          expect(senders).toHaveLength(1);
          expect(engine.intake.messages.length).toBeLessThanOrEqual(1);
          for (const { header, body } of engine.intake.messages) {
            expect(header + body).not.toMatch(/\r(?!\n)|(?<!\r)\n|\0/);
            expect(body).toContain('hidden');
          }
        });
      }
    }
  });
}

describe('the true end', () => {
  it('is found wherever the octets are cut, and what follows is commands', async () => {
    running = await startEngine();
    const peer = await running.client();
    await peer.say('EHLO client.example');
    const text =
      'MAIL FROM:<a@there.example>\r\nRCPT TO:<b@here.example>\r\nDATA\r\nA: b\r\n\r\none\r\n.\r\n' +
      'MAIL FROM:<c@there.example>\r\nRCPT TO:<d@here.example>\r\nDATA\r\nA: b\r\n\r\n..two\r\n.\r\nQUIT\r\n';
    for (const octet of text) {
      peer.raw(octet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.ended();
    expect(running.intake.messages.map(({ entry, body }) => [entry.sender, body])).toEqual([
      ['a@there.example', 'one\r\n'],
      ['c@there.example', '.two\r\n'],
    ]);
  });
});

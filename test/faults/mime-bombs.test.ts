/**
 * MIME of absurd depth and breadth, for a policy that has messages parsed: it is told
 * "unparsable", and meanwhile other clients are served.
 */
import { expect, it } from 'vitest';
import { startFaultBench } from '../helpers/fault-bench.js';
import { flood } from '../helpers/flood.js';
import { policyText } from '../helpers/temp-project.js';

/** Answers the attacker with what became of the parsing, and leaves others alone. */
const PARSING = policyText(
  'parsing',
  `async onDataReceived(ctx) {
    if (ctx.mailFrom !== 'attacker@example.org') return;
    const { status } = await ctx.message.parsed();
    ctx.smtpAction = 'reject';
    ctx.smtpExplanation = '550 5.6.0 this message is ' + status;
  },`,
);

const DEPTH = 10_000;
const PARTS = 100_000;

function deep(): string {
  const levels = Array.from(
    { length: DEPTH },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  );
  return `MIME-Version: 1.0\r\n${levels.join('')}\r\ntext\r\n`;
}

function deepMessages(): string {
  return `MIME-Version: 1.0\r\n${'Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n'.repeat(DEPTH)}\r\ntext\r\n`;
}

function broad(headers: string): string {
  const part = `--b\r\n${headers}\r\nx\r\n`;
  return `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(PARTS)}--b--\r\n`;
}

const BOMBS: Readonly<Record<string, () => string>> = {
  'ten thousand levels of multipart': deep,
  'ten thousand levels of message/rfc822': deepMessages,
  'a hundred thousand attachments': () => broad('Content-Disposition: attachment\r\n'),
  'a hundred thousand parts of text': () => broad(''),
};

it.each(Object.keys(BOMBS))('%s', async (name) => {
  const bench = await startFaultBench({ policies: { 'parsing.ts': PARSING } });
  const peer = await bench.clientInData();
  await flood(peer.socket, BOMBS[name]?.() ?? '', 1);
  const answer = peer.say('.');
  let isAnswered = false;
  const settled = answer.finally(() => {
    isAnswered = true;
  });
  do await bench.serve();
  while (!isAnswered);
  expect((await settled).lines[0]).toMatch(/^550 5\.6\.0 this message is unparsable/);
  peer.destroy();
  // The thread that parses keeps the memory that it was given, and no more.
  await bench.expectSound({ growthMb: 700 });
});

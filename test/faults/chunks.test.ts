/**
 * BDAT with sizes that are wrong, huge, negative or missing, and chunks that look like commands:
 * one message never becomes two, and nothing inside a chunk is ever run (RFC 3030 §2).
 */
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { type FaultBench, startFaultBench } from '../helpers/fault-bench.js';
import { splitMessage } from '../helpers/maildir.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

const HIDDEN = 'MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nhidden\r\n.\r\n';

/** A client that has named sender and recipient. */
async function clientWithRcpt(bench: FaultBench): Promise<SmtpPeer> {
  const peer = await bench.client();
  await peer.say('EHLO chunks.example');
  await peer.say('MAIL FROM:<a@example.org>');
  expect((await peer.say('RCPT TO:<b@example.com>')).code).toBe(250);
  return peer;
}

/** Waits for the message, and gives its body. */
async function onlyBody(bench: FaultBench): Promise<string> {
  await eventually('the message', () => bench.mail().length > 0);
  await bench.expectSound();
  expect(bench.mail()).toHaveLength(1);
  return splitMessage(bench.mail()[0] ?? '').body;
}

const NO_SIZES: readonly string[] = [
  'BDAT',
  'BDAT ',
  'BDAT LAST',
  'BDAT x',
  'BDAT -1',
  'BDAT -9223372036854775808',
  'BDAT +5',
  'BDAT 5.0',
  'BDAT 1e3',
  'BDAT 0x20',
  'BDAT 5 5',
  'BDAT 5 FIRST',
  'BDAT 9007199254740993',
  'BDAT 9223372036854775808 LAST',
  'BDAT 18446744073709551617 LAST',
  'BDAT 100000000000000000000',
  'BDAT 1000000000000 LAST',
];

it('a size that is none, or beyond all bounds: what follows is never run as commands', async () => {
  const bench = await startFaultBench();
  for (const command of NO_SIZES) {
    const peer = await clientWithRcpt(bench);
    peer.raw(`${command}\r\nSubject: x\r\n\r\n${HIDDEN}${HIDDEN}QUIT\r\n`);
    const { code } = await peer.reply();
    expect([command, code], peer.received()).toEqual([command, code === 552 ? 552 : 501]);
    await peer.ended();
    // Greeting, EHLO, MAIL, RCPT and the refusal: no reply to anything that followed.
    expect(peer.received().match(/^\d{3} /gm)).toHaveLength(5);
  }
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

it('a size below what is sent: the rest is commands, which a message is not', async () => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  peer.raw('BDAT 17 LAST\r\nSubject: x\r\n\r\na\r\nand more of it\r\n');
  expect((await peer.reply()).code).toBe(250);
  expect((await peer.reply()).code).toBe(500);
  expect((await peer.say('QUIT')).code).toBe(221);
  expect(await onlyBody(bench)).toBe('a\n');
});

it('a size above what is sent: no message without its last octet', async () => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  peer.raw(`BDAT 5000 LAST\r\nSubject: x\r\n\r\n${HIDDEN}QUIT\r\n`);
  peer.socket.end();
  await peer.ended();
  expect(peer.received()).not.toMatch(/queued/);
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

it('before RCPT: the chunk is read to its end and refused, and the next command is answered', async () => {
  const bench = await startFaultBench();
  const peer = await bench.client();
  const chunk = `BDAT ${HIDDEN.length} LAST\r\n${HIDDEN}`;
  for (const before of ['', 'EHLO chunks.example', 'MAIL FROM:<a@example.org>']) {
    if (before !== '') expect((await peer.say(before)).code).toBe(250);
    peer.raw(chunk);
    expect((await peer.reply()).code).toBe(503);
    expect((await peer.say('NOOP')).code).toBe(250);
  }
  expect((await peer.say('RCPT TO:<b@example.com>')).code).toBe(250);
  peer.raw('BDAT 17 LAST\r\nSubject: x\r\n\r\na\r\n');
  expect((await peer.reply()).code).toBe(250);
  expect((await peer.say('QUIT')).code).toBe(221);
  expect(await onlyBody(bench)).toBe('a\n');
});

it('RSET amid the chunks forgets them', async () => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  peer.raw('BDAT 24\r\nSubject: gone\r\n\r\nfirst\r\nRSET\r\n');
  expect([(await peer.reply()).code, (await peer.reply()).code]).toEqual([250, 250]);
  peer.raw('BDAT 6 LAST\r\nlast\r\n');
  expect((await peer.reply()).code).toBe(503);
  await peer.say('MAIL FROM:<a@example.org>');
  await peer.say('RCPT TO:<b@example.com>');
  peer.raw('BDAT 17\r\nSubject: x\r\n\r\na\r\nBDAT 0 LAST\r\n');
  expect([(await peer.reply()).code, (await peer.reply()).code]).toEqual([250, 250]);
  expect((await peer.say('QUIT')).code).toBe(221);
  expect(await onlyBody(bench)).toBe('a\n');
});

it.each(['DATA', 'MAIL FROM:<evil@example.org>', 'RCPT TO:<victim@example.com>'])(
  '%s amid the chunks is out of sequence',
  async (command) => {
    const bench = await startFaultBench();
    const peer = await clientWithRcpt(bench);
    peer.raw(`BDAT 17\r\nSubject: x\r\n\r\na\r\n${command}\r\nBDAT 3 LAST\r\nb\r\n`);
    const codes = [];
    for (let i = 0; i < 3; i += 1) codes.push((await peer.reply()).code);
    expect(codes).toEqual([250, 503, 250]);
    expect((await peer.say('QUIT')).code).toBe(221);
    expect(await onlyBody(bench)).toBe('a\nb\n');
  },
);

it.each([1, 7, 1000])('chunks of %i octets that look like commands and ends of data', async (size) => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  const body = `outer\r\n.\r\n${HIDDEN}BDAT 5 LAST\r\nRSET\r\n..\r\n.\r\n`;
  const message = `Subject: x\r\n\r\n${body}`;
  let chunks = 0;
  for (let at = 0; at < message.length; at += size) {
    const chunk = message.slice(at, at + size);
    const last = at + size >= message.length ? ' LAST' : '';
    peer.raw(`BDAT ${chunk.length}${last}\r\n${chunk}`);
    chunks += 1;
  }
  for (let i = 0; i < chunks; i += 1) expect((await peer.reply()).code).toBe(250);
  expect((await peer.say('QUIT')).code).toBe(221);
  expect(await onlyBody(bench)).toBe(body.replaceAll('\r\n', '\n'));
});

it('a chunk that was refused fails the message, and the transaction ends with LAST', async () => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  const bare = 'Subject: x\r\n\r\nbare\n.\r\nMAIL FROM:<evil@example.org>\r\n';
  peer.raw(`BDAT ${bare.length}\r\n${bare}`);
  expect((await peer.reply()).code).toBe(550);
  peer.raw('BDAT 8 LAST\r\nNOOP\r\n\r\n');
  expect((await peer.reply()).code).toBe(550);
  expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
  peer.destroy();
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

it('many chunks of nothing, and one that is larger than any message', async () => {
  const bench = await startFaultBench();
  const peer = await clientWithRcpt(bench);
  peer.raw('BDAT 0\r\n'.repeat(100));
  for (let i = 0; i < 100; i += 1) expect((await peer.reply()).code).toBe(250);
  peer.raw('BDAT 50000000 LAST\r\n');
  const block = Buffer.alloc(1_000_000, 'MAIL FROM:<evil@example.org>\r\n');
  for (let i = 0; i < 50; i += 1) peer.socket.write(block);
  expect((await peer.reply()).code).toBe(552);
  expect((await peer.say('QUIT')).code).toBe(221);
  await bench.expectSound({ growthMb: 150 });
  expect(bench.mail()).toEqual([]);
});

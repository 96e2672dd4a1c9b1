/**
 * File descriptors exhausted: connections above what the process can have wait or are answered
 * 421, nothing else fails, and when the crowd has left everything is as before.
 */
import { type Socket, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { startFaultBench } from '../helpers/fault-bench.js';
import { splitMessage } from '../helpers/maildir.js';

const OPEN_FILES = 120;
const CROWD = 400;
/** Each of them needs a file beside its socket, and together they need more than there are. */
const WRITERS = 50;
const LINE = `${'x'.repeat(998)}\r\n`;
const LINES = 300;

/** A connection that listens and never says anything, and keeps its side open. */
class Silent {
  readonly socket: Socket;
  heard = '';

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.heard += text;
    });
    this.socket.on('error', () => {
      // It shows in what was heard.
    });
  }
}

it('a crowd beyond the limit of open files waits or is told so, and the server recovers', async () => {
  const bench = await startFaultBench({ openFiles: OPEN_FILES });
  const inside = await bench.clientInData();
  inside.raw('Subject: begun before\r\n\r\n');
  const crowd = Array.from({ length: CROWD }, () => new Silent(bench.port));
  onTestFinished(() => {
    for (const { socket } of crowd) socket.destroy();
  });
  // Everybody is greeted, or told to come again.
  await eventually('an answer for everybody', () => crowd.every(({ heard }) => heard.endsWith('\r\n')));
  const codes = crowd.map(({ heard }) => heard.slice(0, 3));
  expect(new Set(codes)).toEqual(new Set(['220', '421']));
  // A message under way still has what it needs: the file of a large body, the database.
  inside.raw(`${'x'.repeat(998)}\r\n`.repeat(500));
  expect((await inside.say('.')).code).toBe(250);
  for (const { socket } of crowd) socket.destroy();
  await eventually('the end of the crowd', async () => (await bench.metric('postern_sessions_open')) <= 1);
  inside.destroy();
  await bench.expectSound();
  expect(bench.postern.log().split('\n').length).toBeLessThan(100);
});

it('large messages for which there are not enough files are put off, and nothing is lost', async () => {
  const bench = await startFaultBench({
    openFiles: OPEN_FILES,
    // A delivery that finds no descriptor left is tried again soon.
    settings: { 'queue.firstRetry': '1s' },
  });
  const peers = await Promise.all(Array.from({ length: WRITERS }, () => bench.clientInData()));
  for (const peer of peers) peer.raw(`Subject: large\r\n\r\n${LINE.repeat(LINES)}`);
  const replies = await Promise.all(peers.map((peer) => peer.say('.')));
  const codes = replies.map(({ code }) => code);
  expect([...new Set(codes)].filter((code) => code !== 250 && code !== 451 && code !== 452)).toEqual([]);
  for (const peer of peers) peer.destroy();
  await bench.expectSound({ expectedErrors: /EMFILE|delivery/ });
  const accepted = codes.filter((code) => code === 250).length;
  await eventually('every accepted message', () => bench.mail().length >= accepted);
  expect(bench.mail()).toHaveLength(accepted);
  for (const text of bench.mail()) expect(splitMessage(text).body.length).toBe((LINE.length - 1) * LINES);
});

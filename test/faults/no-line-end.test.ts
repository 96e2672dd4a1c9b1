/** A hundred million octets without a line end, wherever a line may stand, in little memory. */
import { expect, it } from 'vitest';
import { startFaultBench } from '../helpers/fault-bench.js';
import { flood } from '../helpers/flood.js';

const BLOCK = Buffer.alloc(1_000_000, 'x');
const BLOCKS = 100;

it('as a command, it is skipped to its end and refused once', async () => {
  const bench = await startFaultBench();
  const peer = await bench.client();
  expect(await flood(peer.socket, BLOCK, BLOCKS)).toBe(true);
  await bench.serve();
  expect((await peer.say('')).lines[0]).toMatch(/^500 5\.5\.2 /);
  expect((await peer.say('QUIT')).code).toBe(221);
  await bench.expectSound();
});

it.each([
  ['as a header field', ''],
  ['as a line of the body', 'Subject: long\r\n\r\n'],
])('%s, the message is refused at its end, and the session goes on', async (_, before) => {
  const bench = await startFaultBench();
  const peer = await bench.clientInData();
  peer.raw(before);
  expect(await flood(peer.socket, BLOCK, BLOCKS)).toBe(true);
  await bench.serve();
  expect((await peer.say('\r\n.')).lines[0]).toMatch(/^552 5\.3\.4 /);
  expect((await peer.say('QUIT')).code).toBe(221);
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

/** A hundred million octets without a line end, wherever a line may stand, in little memory. */
import { connect } from 'node:net';
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

it('as the answer to a challenge, it is skipped to its end and the login refused', async () => {
  const bench = await startFaultBench({
    files: { users: 'ann:{PLAIN}secret\n' },
    settings: { 'auth.usersFile': 'users', 'listeners[0].authInClear': 'true' },
  });
  const peer = await bench.client();
  await peer.say('EHLO long.example');
  expect((await peer.say('AUTH PLAIN')).code).toBe(334);
  expect(await flood(peer.socket, BLOCK, BLOCKS)).toBe(true);
  await bench.serve();
  expect((await peer.say('')).lines[0]).toMatch(/^500 5\.5\.6 /);
  expect((await peer.say('QUIT')).code).toBe(221);
  await bench.expectSound();
});

it('in place of a PROXY header, the connection ends early', async () => {
  const bench = await startFaultBench({ settings: { 'listeners[0].proxyNetworks': '127.0.0.2' } });
  const proxy = connect({ port: bench.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  proxy.on('error', () => {
    // The server hangs up amid what is written.
  });
  expect(await flood(proxy, BLOCK, BLOCKS)).toBe(false);
  await bench.expectSound();
});

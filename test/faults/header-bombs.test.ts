/** Headers of absurd sizes are refused at the message's end, in little memory, and the session goes on. */
import { expect, it } from 'vitest';
import { startFaultBench } from '../helpers/fault-bench.js';
import { flood } from '../helpers/flood.js';

const BOMBS: Readonly<
  Record<string, { readonly first: string; readonly block: string; readonly times: number }>
> = {
  'a hundred thousand fields': { first: '', block: 'X-A: b\r\n'.repeat(1000), times: 100 },
  'a hundred thousand short names': { first: '', block: 'a:\r\n'.repeat(1000), times: 100 },
  'one field of ten million octets': { first: 'X-A: ', block: 'x'.repeat(100_000), times: 100 },
  'a field folded over a million lines': { first: 'X-A: b', block: '\r\n c'.repeat(10_000), times: 100 },
};

it.each(Object.keys(BOMBS))('%s', async (name) => {
  const bench = await startFaultBench();
  const { first = '', block = '', times = 0 } = BOMBS[name] ?? {};
  const peer = await bench.clientInData();
  peer.raw(first);
  expect(await flood(peer.socket, block, times)).toBe(true);
  await bench.serve();
  expect((await peer.say('\r\n\r\nbody\r\n.')).lines[0]).toMatch(/^552 5\.3\.4 /);
  expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
  peer.destroy();
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

it('a million lines that are no field are the text of a message', async () => {
  const bench = await startFaultBench();
  const peer = await bench.clientInData();
  expect(await flood(peer.socket, 'no field\r\n'.repeat(10_000), 100)).toBe(true);
  await bench.serve();
  expect((await peer.say('\r\n.')).code).toBe(250);
  peer.destroy();
  await bench.expectSound();
});

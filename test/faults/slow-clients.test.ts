/** A thousand clients that drip one octet a second: an ordinary client is served within a second. */
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { type FaultBench, startFaultBench } from '../helpers/fault-bench.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

const CLIENTS = 1000;
const AT_ONCE = 50;
/** Octets that each of them has dripped before the ordinary client comes. */
const DRIPS = 2;
/** The promise, and how often a busy machine may be tried for it. */
const WITHIN_MS = 1000;
const TRIES = 5;

/** All clients, opened some at a time. */
async function crowd(enter: () => Promise<SmtpPeer>): Promise<SmtpPeer[]> {
  const peers: SmtpPeer[] = [];
  const openers = Array.from({ length: AT_ONCE }, async () => {
    for (let i = 0; i < CLIENTS / AT_ONCE; i += 1) peers.push(await enter());
  });
  await Promise.all(openers);
  return peers;
}

/** Every second the next octet of each client's text, until the test ends; counts the rounds. */
function drip(peers: readonly SmtpPeer[], text: string): () => number {
  let rounds = 0;
  const timer = setInterval(() => {
    const octet = text.charAt(rounds % text.length);
    for (const peer of peers) peer.raw(octet);
    rounds += 1;
  }, 1000);
  onTestFinished(() => {
    clearInterval(timer);
  });
  return () => rounds;
}

async function fastest(bench: FaultBench): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && best > WITHIN_MS; i += 1) best = Math.min(best, await bench.serve());
  return best;
}

it.each([
  ['commands', 'NOOP\r\n', (bench: FaultBench) => bench.client()],
  ['a message', 'X-Slow: drop by drop\r\n', (bench: FaultBench) => bench.clientInData()],
])('a thousand clients that drip %s', async (_, text, enter) => {
  const bench = await startFaultBench();
  const peers = await crowd(() => enter(bench));
  const rounds = drip(peers, text);
  await eventually('some drops', () => rounds() >= DRIPS);
  expect(await fastest(bench)).toBeLessThan(WITHIN_MS);
  await eventually('more drops', () => rounds() >= 2 * DRIPS);
  expect(await fastest(bench)).toBeLessThan(WITHIN_MS);
  expect(await bench.metric('postern_sessions_open')).toBe(CLIENTS);
  for (const peer of peers) peer.destroy();
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

/** Octets by chance, in every state that a session has: they cost their sender its own session. */
import { expect, it } from 'vitest';
import { type FaultBench, startFaultBench } from '../helpers/fault-bench.js';
import { createChance, FAULT_SEED, octetsByChance } from '../helpers/flood.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

const CLIENTS = 100;
const LONGEST = 5000;

/** Words that lead deeper into the server than octets by chance ever would. */
const WORDS = [
  'EHLO x\r\n',
  'MAIL FROM:<a@example.org>\r\n',
  'RCPT TO:<b@example.com>\r\n',
  'DATA\r\n',
  'BDAT 100\r\n',
  'BDAT 7 LAST\r\n',
  'RSET\r\n',
  'AUTH PLAIN ',
  '\r\n.\r\n',
  '\r\n',
];

/** Sends junk from many clients, each of which then leaves in its own way. */
async function attack(bench: FaultBench, enter: () => Promise<SmtpPeer>): Promise<void> {
  const chance = createChance(FAULT_SEED);
  for (let i = 0; i < CLIENTS; i += 1) {
    const peer = await enter();
    for (let n = chance(6); n >= 0; n -= 1) {
      peer.socket.write(octetsByChance(chance, chance(LONGEST)));
      peer.raw(WORDS[chance(WORDS.length)] ?? '');
    }
    if (chance(2) === 0) peer.socket.end();
    else peer.destroy();
  }
  await bench.serve();
}

it(`octets by chance in place of commands (seed ${FAULT_SEED})`, async () => {
  const bench = await startFaultBench();
  await attack(bench, () => bench.client());
  await bench.expectSound();
  expect(bench.mail()).toEqual([]);
});

it(`octets by chance as a message (seed ${FAULT_SEED})`, async () => {
  const bench = await startFaultBench();
  await attack(bench, () => bench.clientInData());
  await bench.expectSound();
});

/**
 * A session cut off after every octet of a whole dialog, by FIN and by RST: only complete messages
 * are accepted, each once and whole, and nothing stays of the client that left.
 */
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { type FaultBench, startFaultBench } from '../helpers/fault-bench.js';
import { splitMessage } from '../helpers/maildir.js';
import { connectPeer } from '../helpers/smtp-peer.js';

/** What the client sends before it waits for so many replies; the last one of `message` is its 250. */
interface Step {
  readonly octets: string;
  readonly replies: number;
  readonly message?: true;
}

const ENVELOPE: readonly Step[] = [
  { octets: 'EHLO cut.example\r\n', replies: 1 },
  { octets: 'MAIL FROM:<a@example.org> SIZE=50\r\nRCPT TO:<b@example.com>\r\n', replies: 2 },
];

const DIALOGS: Readonly<Record<string, readonly Step[]>> = {
  DATA: [
    ...ENVELOPE,
    { octets: 'DATA\r\n', replies: 1 },
    { octets: 'Subject: cut\r\n\r\nfirst\r\n..second\r\n.\r\n', replies: 1, message: true },
    { octets: 'RSET\r\nQUIT\r\n', replies: 2 },
  ],
  BDAT: [
    ...ENVELOPE,
    { octets: 'BDAT 25\r\nSubject: cut\r\n\r\nfirst\r\n.s', replies: 1 },
    { octets: 'BDAT 7 LAST\r\necond\r\n', replies: 1, message: true },
    { octets: 'RSET\r\nQUIT\r\n', replies: 2 },
  ],
};

const AT_ONCE = 20;

/** Sends the first `length` octets, step by step, and hangs up. Answers whether a message was acknowledged. */
async function cut(bench: FaultBench, steps: readonly Step[], length: number, by: 'FIN' | 'RST') {
  const peer = await connectPeer(bench.port);
  await peer.reply();
  let isAcknowledged = false;
  let left = length;
  for (const { octets, replies, message } of steps) {
    peer.raw(octets.slice(0, left));
    left -= octets.length;
    if (left < 0) break;
    for (let i = 0; i < replies; i += 1) expect((await peer.reply()).code).toBeLessThan(400);
    isAcknowledged ||= message === true;
  }
  if (by === 'RST') peer.socket.resetAndDestroy();
  else peer.socket.end();
  await peer.ended();
  return isAcknowledged;
}

for (const [name, steps] of Object.entries(DIALOGS)) {
  it.each(['FIN', 'RST'] as const)(`a dialog with ${name} may be cut at every octet by %s`, async (by) => {
    const bench = await startFaultBench();
    const before = bench.descriptors();
    const total = steps.reduce((sum, { octets }) => sum + octets.length, 0);
    const lengths = Array.from({ length: total + 1 }, (_, length) => length);
    let acknowledged = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let length = lengths.shift(); length !== undefined; length = lengths.shift()) {
          if (await cut(bench, steps, length, by)) acknowledged += 1;
        }
      }),
    );
    await bench.expectSound();
    // A message whose last octet came just before the end was either acknowledged or is not there.
    await eventually('every acknowledged message', () => bench.mail().length >= acknowledged);
    expect(acknowledged).toBeGreaterThan(5);
    expect(bench.mail()).toHaveLength(acknowledged);
    for (const text of bench.mail()) expect(splitMessage(text).body).toBe('first\n.second\n');
    await eventually('the descriptors of before', () => bench.descriptors() <= before);
  });
}

/**
 * What the tests of fsync run under strace, from the built program: a store, and a list of things
 * to ask of it, one after the other.
 *
 * It says `ask NAME` before and `told NAME` after each, so that the trace shows what was synced in
 * between. `trouble` means that the store gave its database up and opens another.
 * Plain JavaScript, because Node 20 runs no TypeScript.
 */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../dist/core/clock.js';
import { memoryBody } from '../../dist/message/body.js';
import { newRecipient } from '../../dist/queue/entry.js';
import { inlineChannel, threadChannel } from '../../dist/queue/sqlite/channel.js';
import { createSqliteStore } from '../../dist/queue/sqlite/store.js';

const { file, inline, asks } = JSON.parse(process.argv[2] ?? '{}');

function say(...words) {
  writeSync(1, `${words.join(' ')}\n`);
}

const store = createSqliteStore({
  open: () => (inline ? inlineChannel({ file }, () => {}) : threadChannel({ file })),
  clock: systemClock,
  openBodyFile() {
    throw new Error('there are no files');
  },
  onTrouble: () => say('trouble'),
});

function put(queueId) {
  return store.put({
    queueId,
    sessionId: queueId.slice(0, 12),
    receivedAt: 1_767_225_600_000,
    sender: 'sender@example.org',
    recipients: [newRecipient('user', 'example.com')],
    envelope: {},
    messageState: {},
    notBefore: 0,
    size: 10,
    hold: false,
    header: Buffer.from('Subject: x\r\n\r\n'),
    body: memoryBody(Buffer.alloc(10)),
  });
}

const rules = { delayMs: 1000, retryWindowMs: 86_400_000, lifetimeMs: 86_400_000, networkAfter: 0 };
let keys = 0;

function check() {
  const key = `${String(keys++)} `.padEnd(120, 'k');
  return store.greylist({ key, network: 'n', now: 1_767_225_600_000, rules });
}

const KINDS = {
  put: ({ ids }) => Promise.all(ids.map(put)),
  check,
  sweep: () => store.sweepChecks(1_767_225_600_000, 10),
  rate: () => store.countRate({ key: 'r', limit: 9, windowMs: 60_000, cost: 1, now: 1_767_225_600_000 }),
  mixed: ({ ids }) => Promise.all([check(), ...ids.map(put), check()]),
  remove: ({ ids }) => store.remove(ids),
  // Batches of checks alone, many pages each.
  async checks({ count }) {
    for (let n = 0; n < count; n += 1) await Promise.all(Array.from({ length: 400 }, check));
  },
};

/** Far longer than the store takes to open its database anew. */
const PATIENCE_MS = 20_000;

/** Asks again while the store opens its database anew. */
async function answered(ask) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await KINDS[ask.kind](ask);
      return 'told';
    } catch (error) {
      if (!ask.untilTold || Date.now() > end) return 'refused';
      if (error.code !== 'ERR_QUEUE_WRITE') throw error;
      await setImmediate();
    }
  }
}

for (const ask of asks) {
  say('ask', ask.kind);
  say(await answered(ask), ask.kind);
}
await store.close();
say('closed');

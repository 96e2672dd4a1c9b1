/**
 * What the crash tests run in a process of its own, from the built program.
 *
 * It accepts messages, delivers them when told so, and writes a line for each promise it makes.
 * With a step given it kills itself, without any chance to tidy up, the n-th time it gets there.
 * Plain JavaScript, because Node 20 runs no TypeScript.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../dist/core/clock.js';
import { createFactBus } from '../../dist/core/facts.js';
import { silentLogger } from '../../dist/core/log.js';
import { createDispatcher } from '../../dist/delivery/dispatcher.js';
import { createMaildirTransport } from '../../dist/delivery/local/maildir.js';
import { newRecipient } from '../../dist/queue/entry.js';
import { openQueue } from '../../dist/queue/open.js';

const plan = JSON.parse(process.argv[2] ?? '{}');
const left = { steps: plan.nth ?? 1 };

function steps(step) {
  if (step !== plan.step) return;
  left.steps -= 1;
  if (left.steps === 0) process.kill(process.pid, 'SIGKILL');
}

function say(...words) {
  writeSync(1, `${words.join(' ')}\n`);
}

const facts = createFactBus((error) => {
  throw error;
});
const queue = await openQueue({
  dir: plan.dir,
  clock: systemClock,
  facts,
  log: silentLogger,
  inline: plan.inline,
  thresholdBytes: plan.thresholdBytes,
  steps,
});

async function accept({ queueId, size }) {
  const builder = queue.createBody(queueId);
  // The octets follow from the id and the size, so that the test can tell whole from half.
  const piece = Buffer.from(`${queueId}\r\n`.repeat(Math.ceil(size / (queueId.length + 2)))).subarray(
    0,
    size,
  );
  for (let at = 0; at < size; at += 10_000) await builder.write(piece.subarray(at, at + 10_000));
  await queue.accept({
    queueId,
    sessionId: queueId.slice(0, 12),
    sender: 'sender@example.org',
    recipients: [newRecipient('user', 'example.com')],
    header: Buffer.from(`Subject: ${queueId}\r\n\r\n`),
    body: await builder.finish(),
  });
  say('accepted', queueId);
}

if (plan.maildir) {
  facts.subscribe('recipient.delivered', ({ queueId }) => {
    say('delivered', queueId);
    left.deliveries = (left.deliveries ?? plan.messages.length) - 1;
    if (left.deliveries === 0) process.exit(0);
  });
  const transport = createMaildirTransport({ root: plan.maildir, hostname: 'mx.example', steps });
  createDispatcher({
    queue,
    transport,
    clock: systemClock,
    facts,
    log: silentLogger,
    concurrency: 4,
  }).start();
}

await Promise.all(plan.messages.map(accept));
say('all');
// The timers of the queue do not keep a process alive; the parent ends this one.
setInterval(() => {}, 1000);

/**
 * Kills a process at each durable step and at arbitrary moments, and looks at what is left:
 * everything that was acknowledged is there and whole, nothing is there by halves.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { silentLogger } from '../../src/core/log.js';
import { openQueue } from '../../src/queue/open.js';
import type { Step } from '../../src/queue/steps.js';
import { octetsOf, recordFacts, sampleId } from '../helpers/queue-samples.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface Message {
  readonly queueId: string;
  readonly size: number;
}

interface Plan {
  readonly dir: string;
  readonly maildir?: string;
  readonly messages: readonly Message[];
  readonly thresholdBytes: number;
  readonly inline: boolean;
  readonly step?: Step;
  readonly nth?: number;
}

interface Aftermath {
  readonly signal: string | null;
  readonly accepted: ReadonlySet<string>;
  readonly delivered: ReadonlySet<string>;
}

const CHILD = join(import.meta.dirname, 'queue-child.mjs');

/** Small and large ones by turns; the large ones have a file of their own. */
function messages(count: number): Message[] {
  return Array.from({ length: count }, (_, n) => ({ queueId: sampleId(n), size: n % 2 === 0 ? 50 : 30_000 }));
}

/** Runs the child; `killAfter` kills it from outside after so many lines. */
function runChild(plan: Plan, killAfter = Number.POSITIVE_INFINITY): Promise<Aftermath> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const lines = out.split('\n').length - 1;
      const finished = plan.step === undefined && plan.maildir === undefined && out.includes('all\n');
      if (lines >= killAfter || finished) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      if (errors !== '') {
        reject(new Error(errors));
        return;
      }
      // A line cut off by the kill was never a promise.
      const lines = out.split('\n').slice(0, -1);
      const after = (word: string): ReadonlySet<string> =>
        new Set(
          lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)),
        );
      resolve({ signal, accepted: after('accepted'), delivered: after('delivered') });
    });
  });
}

function bodyOf({ queueId, size }: Message, lineEnd = '\r\n'): string {
  const whole = `${queueId}\r\n`.repeat(Math.ceil(size / (queueId.length + 2))).slice(0, size);
  return whole.replaceAll('\r\n', lineEnd);
}

/** Opens what is left, checks every entry, and answers the ids in the queue. */
async function queued(plan: Plan): Promise<Set<string>> {
  const record = recordFacts(['queue.trouble', 'queue.recovered']);
  const queue = await openQueue({
    dir: plan.dir,
    clock: systemClock,
    facts: record.facts,
    log: silentLogger,
  });
  const ids = new Set<string>();
  try {
    expect(await queue.check()).toMatchObject({
      status: 'ok',
      faults: [],
      counts: { parked: 0, 'in-flight': 0 },
    });
    expect(record.of('queue.trouble')).toEqual([]);
    for (const message of plan.messages) {
      const found = await queue.get(message.queueId);
      if (found.status === 'none') continue;
      if (found.status !== 'found') throw new Error(`${message.queueId}: ${found.reason}`);
      expect((await octetsOf(found.entry.body)).toString()).toBe(bodyOf(message));
      expect(found.entry.header.toString()).toBe(`Subject: ${message.queueId}\r\n\r\n`);
      ids.add(message.queueId);
    }
  } finally {
    await queue.close();
  }
  expectNoLeftovers(plan.dir, ids);
  return ids;
}

/** After recovery the spool holds the files of entries and nothing else. */
function expectNoLeftovers(dir: string, ids: ReadonlySet<string>): void {
  const files = readdirSync(join(dir, 'spool'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  for (const name of files) expect(ids).toContain(name);
}

/** Ids of the messages in the Maildir; each must be whole, and there once. */
function inMaildir(plan: Plan): Set<string> {
  const ids = new Set<string>();
  const folder = join(plan.maildir ?? '', 'example.com', 'user', 'Maildir', 'new');
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Killed before the first delivery.
    return ids;
  }
  for (const name of names) {
    const message = plan.messages.find(({ queueId }) => name.includes(queueId));
    if (!message) throw new Error(`unexpected file ${name}`);
    expect(readFileSync(join(folder, name), 'utf8')).toBe(
      'Return-Path: <sender@example.org>\nDelivered-To: user@example.com\n' +
        `Subject: ${message.queueId}\n\n${bodyOf(message, '\n')}`,
    );
    expect(ids.has(message.queueId)).toBe(false);
    ids.add(message.queueId);
  }
  return ids;
}

function planIn(dir: string, changes: Partial<Plan>): Plan {
  return { dir: join(dir, 'queue'), messages: messages(6), thresholdBytes: 1000, inline: true, ...changes };
}

const ACCEPT_STEPS: readonly Step[] = [
  'body.opened',
  'body.written',
  'body.synced',
  'body.published',
  'body.directorySynced',
  'row.written',
  'row.committed',
];
const DELIVERY_STEPS: readonly Step[] = [
  'maildir.written',
  'maildir.synced',
  'maildir.published',
  'maildir.directorySynced',
  'body.removed',
];
const TIMES = [1, 3];

describe('a process killed while it accepts', () => {
  it.each(ACCEPT_STEPS.flatMap((step) => TIMES.map((nth) => [step, nth] as const)))(
    'at %s, time %i, keeps what it acknowledged',
    async (step, nth) => {
      const plan = planIn(tempFolder(), { step, nth });
      const { signal, accepted } = await runChild(plan);
      // Rows of one batch share a commit, so there may be fewer of these than messages.
      if (!step.startsWith('row.') || nth === 1) expect(signal).toBe('SIGKILL');
      const ids = await queued(plan);
      for (const queueId of accepted) expect(ids).toContain(queueId);
    },
  );

  it('keeps what it acknowledged when it is killed at any moment, database in a thread', async () => {
    for (const killAfter of [1, 7, 40]) {
      const plan = planIn(tempFolder(), { inline: false, messages: messages(60) });
      const { signal, accepted } = await runChild(plan, killAfter);
      expect(signal).toBe('SIGKILL');
      expect(accepted.size).toBeGreaterThanOrEqual(Math.min(killAfter, 60));
      const ids = await queued(plan);
      for (const queueId of accepted) expect(ids).toContain(queueId);
    }
  });
});

describe('a process killed while it delivers', () => {
  const cases = [...DELIVERY_STEPS, 'row.written' as const, 'row.committed' as const].flatMap((step) =>
    TIMES.map((nth) => [step, nth] as const),
  );

  it.each(cases)('at %s, time %i, has each message in the queue or in the Maildir', async (step, nth) => {
    const dir = tempFolder();
    const plan = planIn(dir, { step, nth, maildir: join(dir, 'mail') });
    const { signal, accepted, delivered } = await runChild(plan);
    expect(signal).toBe('SIGKILL');
    const waiting = await queued(plan);
    const stored = inMaildir(plan);
    for (const queueId of accepted) expect(waiting.has(queueId) || stored.has(queueId)).toBe(true);
    for (const queueId of delivered) expect(stored).toContain(queueId);

    // The next start delivers the rest, and nothing twice.
    const rest = plan.messages.filter(({ queueId }) => waiting.has(queueId));
    if (rest.length === 0) return;
    await runRest(plan, rest.length);
    const all = inMaildir(plan);
    for (const queueId of [...accepted, ...waiting]) expect(all).toContain(queueId);
    expect(await queued(plan)).toEqual(new Set());
  });
});

/** A process that accepts nothing new and delivers what it finds. */
async function runRest(plan: Plan, count: number): Promise<void> {
  const { step: _step, nth: _nth, ...calm } = plan;
  const { delivered } = await runChild({ ...calm, messages: [] }, count + 1);
  expect(delivered.size).toBe(count);
}

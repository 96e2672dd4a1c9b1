import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLogger } from '../../../src/core/log.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { openQueue, type OpenQueueOptions } from '../../../src/queue/open.js';
import type { Queue } from '../../../src/queue/queue.js';
import type { Step } from '../../../src/queue/steps.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { recordFacts, SAMPLE_HEADER, sampleEntry, sampleId } from '../../helpers/queue-samples.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function setUp(changes: Partial<OpenQueueOptions> = {}) {
  const dir = tempFolder();
  const clock = createFakeClock({ start: sampleEntry(0).receivedAt });
  const record = recordFacts(['queue.trouble']);
  const queue = await openQueue({
    dir,
    clock,
    facts: record.facts,
    log: silentLogger,
    inline: true,
    thresholdBytes: 100,
    ...changes,
  });
  onTestFinished(() => queue.close());
  return { dir, clock, record, queue };
}

async function acceptLarge(queue: Queue, n: number): Promise<string> {
  const builder = queue.createBody(sampleId(n));
  await builder.write(Buffer.alloc(500, n));
  const body = await builder.finish();
  await queue.accept(sampleEntry(n, { body }));
  return body.place === 'file' ? body.path : '';
}

function spoil(dir: string, sql: string): void {
  const db = new SqliteDatabase(join(dir, 'queue.db'));
  db.exec(sql);
  db.close();
}

describe('accept', () => {
  it('stores a message with what it was given and sensible defaults', async () => {
    const { queue, clock } = await setUp();
    const body = await queue.createBody(sampleId(1)).finish();
    await queue.accept({
      queueId: sampleId(1),
      sessionId: 's',
      sender: '',
      recipients: [newRecipient('u', 'example.com')],
      header: SAMPLE_HEADER,
      body,
    });
    expect(await queue.get(sampleId(1))).toMatchObject({
      status: 'found',
      entry: {
        receivedAt: clock.now(),
        envelope: {},
        messageState: {},
        notBefore: 0,
        hold: false,
        size: SAMPLE_HEADER.length,
      },
    });
  });

  it('has the body file and its name on disk before the row', async () => {
    const steps: Step[] = [];
    const { queue } = await setUp({ steps: (step) => steps.push(step) });
    steps.length = 0;
    await acceptLarge(queue, 1);
    expect(steps).toEqual([
      'body.opened',
      'body.written',
      'body.synced',
      'body.published',
      'body.directorySynced',
      'row.written',
      'row.committed',
    ]);
  });

  it('tells those who listen, after the commit, until they no longer want to hear', async () => {
    const { queue } = await setUp();
    const hear = vi.fn();
    const stop = queue.onWork(hear);
    await queue.accept(sampleEntry(1));
    expect(hear).toHaveBeenCalledTimes(1);
    stop();
    await queue.accept(sampleEntry(2));
    expect(hear).toHaveBeenCalledTimes(1);
  });

  it('refuses what nobody could deliver or name', async () => {
    const { queue } = await setUp();
    await expect(queue.accept(sampleEntry(1, { recipients: [] }))).rejects.toMatchObject({
      code: 'ERR_INVARIANT',
    });
    await expect(queue.accept(sampleEntry(1, { queueId: '../x' }))).rejects.toMatchObject({
      code: 'ERR_INVARIANT',
    });
  });

  it('removes the body file of a message it refuses for certain', async () => {
    const { queue } = await setUp({ maxBytes: 200_000 });
    const builder = queue.createBody(sampleId(1));
    await builder.write(Buffer.alloc(500));
    const body = await builder.finish();
    const entry = sampleEntry(1, { body, header: Buffer.alloc(400_000) });
    await expect(queue.accept(entry)).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    expect(body.place === 'file' && existsSync(body.path)).toBe(false);
  });

  it('keeps the body file when it is unknown whether the row is on disk', async () => {
    const { queue, record } = await setUp({
      steps: (step) => {
        if (step === 'row.committed') throw new Error('no answer');
      },
      exclusive: false,
    });
    const builder = queue.createBody(sampleId(1));
    await builder.write(Buffer.alloc(500));
    const body = await builder.finish();
    await expect(queue.accept(sampleEntry(1, { body }))).rejects.toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    expect(body.place === 'file' && existsSync(body.path)).toBe(true);
    expect(record.of('queue.trouble')).toHaveLength(1);
  });
});

describe('claim and settle', () => {
  it('removes the body file after the row', async () => {
    const { queue } = await setUp();
    const path = await acceptLarge(queue, 1);
    const [claimed] = (await queue.claim(1, 1000)).claimed;
    if (!claimed) throw new Error('one was accepted');
    expect(await queue.settle(claimed, { kind: 'done' })).toBe('settled');
    expect(existsSync(path)).toBe(false);
    expect(await queue.settle(claimed, { kind: 'done' })).toBe('lost');
  });

  it('gives an entry back', async () => {
    const { queue } = await setUp();
    await queue.accept(sampleEntry(1));
    const [claimed] = (await queue.claim(1, 1000)).claimed;
    if (!claimed) throw new Error('one was accepted');
    await queue.release(claimed);
    expect((await queue.claim(1, 1000)).claimed).toHaveLength(1);
  });

  it('parks a damaged entry and goes on with the others', async () => {
    const { queue, dir, record } = await setUp();
    for (const n of [1, 2]) await queue.accept(sampleEntry(n));
    spoil(dir, `UPDATE entries SET recipients = x'00' WHERE id = '${sampleId(1)}'`);
    const { claimed } = await queue.claim(9, 1000);
    expect(claimed.map(({ entry }) => entry.queueId)).toEqual([sampleId(2)]);
    expect(await queue.list({ state: 'parked' })).toMatchObject([
      { queueId: sampleId(1), reason: 'recipients: not a record', recipients: undefined },
    ]);
    expect(record.of('queue.trouble')).toMatchObject([{ code: 'ERR_QUEUE_CORRUPT' }]);
    expect(await queue.check()).toMatchObject({ status: 'ok', counts: { parked: 1, 'in-flight': 1 } });
  });

  it('reports a body file that cannot be removed, and goes on', async () => {
    const { queue, record } = await setUp({
      steps: (step) => {
        if (step === 'body.removed') throw new Error('busy');
      },
    });
    await acceptLarge(queue, 1);
    expect(await queue.remove([sampleId(1)])).toEqual([sampleId(1)]);
    expect(record.of('queue.trouble')).toMatchObject([{ code: 'ERR_QUEUE_WRITE' }]);
  });
});

describe('operators', () => {
  it('hold, release and remove', async () => {
    const { queue } = await setUp();
    const path = await acceptLarge(queue, 1);
    const hear = vi.fn();
    queue.onWork(hear);
    expect(await queue.hold([sampleId(1)])).toBe(1);
    expect(await queue.unhold([sampleId(2)])).toBe(0);
    expect(hear).not.toHaveBeenCalled();
    expect(await queue.unhold([sampleId(1)])).toBe(1);
    expect(hear).toHaveBeenCalledTimes(1);
    expect(await queue.remove([sampleId(1), sampleId(2)])).toEqual([sampleId(1)]);
    expect(existsSync(path)).toBe(false);
  });

  it('park with an alarm, and try again', async () => {
    const { queue, record } = await setUp();
    const recipients = [
      { ...newRecipient('a', 'example.com'), state: 'failed' as const, attempts: 9 },
      { ...newRecipient('b', 'example.com'), state: 'delivered' as const, attempts: 1 },
      { ...newRecipient('c', 'example.com'), state: 'deferred' as const, attempts: 2, nextAttemptAt: 9e12 },
    ];
    await queue.accept(sampleEntry(1, { recipients }));
    expect(await queue.park(sampleId(1), 'looks odd')).toBe(true);
    expect(await queue.park(sampleId(2), 'not there')).toBe(false);
    expect(record.of('queue.trouble')).toHaveLength(1);
    expect(await queue.retry(sampleId(1))).toBe(true);
    const [claimed] = (await queue.claim(1, 1000)).claimed;
    expect(claimed?.entry.recipients.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['queued', 0],
      ['delivered', 1],
      ['queued', 2],
    ]);
    expect(await queue.retry(sampleId(1))).toBe(false);
    expect(await queue.retry(sampleId(2))).toBe(false);
  });

  it('cannot retry what has nobody left to deliver to', async () => {
    const { queue } = await setUp();
    await queue.accept(sampleEntry(1));
    const [claimed] = (await queue.claim(1, 1000)).claimed;
    if (!claimed) throw new Error('one was accepted');
    const recipients = [{ ...newRecipient('a', 'b.example'), state: 'delivered' as const }];
    await queue.settle(claimed, { kind: 'park', at: 1, reason: 'odd', recipients });
    expect(await queue.retry(sampleId(1))).toBe(false);
  });

  it('keep settings', async () => {
    const { queue } = await setUp();
    expect(await queue.setSetting('a', 1)).toEqual({ status: 'stored', version: 1 });
    expect(await queue.getSetting('a')).toEqual({ value: 1, version: 1 });
  });
});

describe('check', () => {
  it('counts every state and finds everything in order', async () => {
    const { queue, clock } = await setUp();
    for (const n of [1, 2, 3, 4]) await queue.accept(sampleEntry(n));
    await acceptLarge(queue, 5);
    await queue.hold([sampleId(2)]);
    await queue.park(sampleId(3), 'why not');
    await queue.claim(1, 1000);
    expect(await queue.check()).toEqual({
      status: 'ok',
      counts: { waiting: 2, 'in-flight': 1, held: 1, parked: 1 },
      overdue: 0,
      faults: [],
    });
    await clock.advance(100_000);
    expect(await queue.check()).toMatchObject({ status: 'ok', overdue: 3 });
  });

  it('finds what nobody would ever look at', async () => {
    const { queue, dir } = await setUp();
    for (const n of [1, 2, 3]) await queue.accept(sampleEntry(n));
    const path = await acceptLarge(queue, 4);
    rmSync(path);
    await queue.park(sampleId(1), '');
    const [claimed] = (await queue.claim(1, 1000)).claimed;
    if (!claimed) throw new Error('some were accepted');
    const recipients = [{ ...newRecipient('a', 'b.example'), state: 'delivered' as const }];
    await queue.settle(claimed, { kind: 'retry', due: 1, recipients });
    spoil(dir, `UPDATE entries SET recipients = x'00' WHERE id = '${sampleId(3)}'`);
    const { status, faults } = await queue.check();
    expect(status).toBe('broken');
    expect(Object.fromEntries(faults.map(({ queueId, reason }) => [queueId, reason]))).toEqual({
      [sampleId(1)]: 'parked without a reason',
      [sampleId(2)]: 'waiting, but no recipient waits',
      [sampleId(3)]: 'its recipients cannot be read',
      [sampleId(4)]: 'its body file is missing',
    });
  });
});

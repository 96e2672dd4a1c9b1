import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../../src/core/log.js';
import { openQueue, type OpenQueueOptions } from '../../../src/queue/open.js';
import type { Queue } from '../../../src/queue/queue.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { octetsOf, recordFacts, sampleEntry, sampleId } from '../../helpers/queue-samples.js';
import { tempFolder } from '../../helpers/temp-folder.js';

function setUp(dir = join(tempFolder(), 'queue')) {
  const clock = createFakeClock();
  const record = recordFacts(['queue.recovered', 'queue.trouble']);
  async function open(changes: Partial<OpenQueueOptions> = {}): Promise<Queue> {
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
    return queue;
  }
  return { dir, clock, record, open };
}

async function acceptLarge(queue: Queue, n: number): Promise<void> {
  const builder = queue.createBody(sampleId(n));
  await builder.write(Buffer.alloc(500, n));
  await queue.accept(sampleEntry(n, { body: await builder.finish() }));
}

function spoolFiles(dir: string): string[] {
  return readdirSync(join(dir, 'spool'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

describe('openQueue', () => {
  it('makes its directory, and serves through a thread', async () => {
    const { open, record } = setUp();
    const queue = await open({ inline: false });
    await queue.accept(sampleEntry(1));
    expect(await queue.count()).toMatchObject({ waiting: 1 });
    expect(record.of('queue.recovered')).toEqual([{ released: 0, swept: 0, parked: 0 }]);
  });

  it('lets one process in, and others only when they say that they share', async () => {
    const { open, record } = setUp();
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
    const second = await open({ exclusive: false });
    await second.accept(sampleEntry(1));
    expect(await first.count()).toMatchObject({ waiting: 1 });
    expect(record.of('queue.recovered')).toHaveLength(1);
    await second.close();
    await first.close();
    await open();
  });

  it('changes nothing when it only reads, beside an owner or without one', async () => {
    const { open, dir } = setUp();
    const first = await open();
    await acceptLarge(first, 1);
    const reader = await open({ readOnly: true });
    expect(await reader.list()).toHaveLength(1);
    expect(await reader.check()).toMatchObject({ status: 'ok' });
    await expect(reader.accept(sampleEntry(2))).rejects.toThrow(/readonly/);
    await expect(reader.remove([sampleId(1)])).rejects.toThrow();
    // The log of the owner is left as it is: emptying it would hold up the mail that arrives.
    expect(statSync(join(dir, 'queue.db-wal')).size).toBeGreaterThan(0);
    await reader.close();
    expect(await first.count()).toMatchObject({ waiting: 1 });
    await first.close();
    rmSync(join(dir, 'spool'), { recursive: true });
    const alone = await open({ readOnly: true });
    expect(await alone.check()).toMatchObject({ status: 'broken' });
    expect(existsSync(join(dir, 'spool'))).toBe(false);
    expect(existsSync(join(dir, 'lock'))).toBe(false);
  });

  it('makes nothing and upgrades nothing when it only reads', async () => {
    const { open, dir } = setUp();
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'ERR_QUEUE_OPEN' });
    expect(existsSync(dir)).toBe(false);
    mkdirSync(dir);
    const older = new SqliteDatabase(join(dir, 'queue.db'));
    older.exec('CREATE TABLE something (n INTEGER)');
    older.close();
    await expect(open({ readOnly: true })).rejects.toMatchObject({
      code: 'ERR_QUEUE_OPEN',
      message: expect.stringContaining('older Postern') as string,
    });
    expect(readdirSync(dir)).toEqual(['queue.db']);
  });

  it('says what is wrong with the database, and lets the directory go', async () => {
    const { open, dir, record } = setUp();
    await (await open()).close();
    const later = new SqliteDatabase(join(dir, 'queue.db'));
    later.pragma('user_version = 99');
    later.close();
    for (const sharing of [{}, { exclusive: false }, { readOnly: true }]) {
      await expect(open(sharing)).rejects.toMatchObject({
        code: 'ERR_QUEUE_OPEN',
        message: expect.stringContaining('newer Postern') as string,
      });
    }
    expect(record.of('queue.trouble')).not.toHaveLength(0);
    rmSync(join(dir, 'queue.db'));
    await open();
  });

  it('fails where no directory can be made', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    await expect(setUp(join(file, 'queue')).open()).rejects.toMatchObject({ code: 'ERR_QUEUE_OPEN' });
  });

  it('removes what an unfinished message left, and keeps what was accepted', async () => {
    const { open, dir, record } = setUp();
    const queue = await open();
    await acceptLarge(queue, 1);
    // As a crash would leave them: half written, whole without a row, and a row that was deleted.
    await queue.createBody(sampleId(2)).write(Buffer.alloc(500));
    const orphan = queue.createBody(sampleId(3));
    await orphan.write(Buffer.alloc(500));
    await orphan.finish();
    await queue.close();
    const again = await open();
    expect(spoolFiles(dir)).toEqual([sampleId(1)]);
    expect(record.of('queue.recovered').at(-1)).toEqual({ released: 0, swept: 2, parked: 0 });
    const [claimed] = (await again.claim(9, 1000)).claimed;
    expect(claimed && (await octetsOf(claimed.entry.body))).toEqual(Buffer.alloc(500, 1));
  });

  it('parks an entry that lost its body file, once', async () => {
    const { open, dir, record } = setUp();
    const queue = await open();
    await acceptLarge(queue, 1);
    await queue.close();
    rmSync(join(dir, 'spool'), { recursive: true });
    const again = await open();
    expect(await again.list()).toMatchObject([{ state: 'parked', reason: 'the body file is missing' }]);
    expect(record.of('queue.trouble')).toHaveLength(1);
    await again.close();
    await open();
    expect(record.of('queue.recovered').at(-1)).toMatchObject({ parked: 0 });
  });

  it('ends dead leases at once, and parks what was in flight at five crashes', async () => {
    const { open, record } = setUp();
    let queue = await open();
    await queue.accept(sampleEntry(1));
    for (const crash of [1, 2, 3, 4, 5]) {
      expect((await queue.claim(1, 1_000_000)).claimed).toHaveLength(1);
      await queue.close();
      queue = await open();
      const parked = crash === 5 ? 1 : 0;
      expect(record.of('queue.recovered').at(-1)).toEqual({ released: 1 - parked, swept: 0, parked });
    }
    expect(record.of('queue.trouble')).toHaveLength(1);
    expect(await queue.count()).toMatchObject({ parked: 1 });
  });

  it('refuses mail when the database has reached its size', async () => {
    const { open } = setUp();
    const queue = await open({ maxBytes: 200_000, thresholdBytes: 1_000_000 });
    const builder = queue.createBody(sampleId(1));
    await builder.write(Buffer.alloc(300_000));
    const body = await builder.finish();
    await expect(queue.accept(sampleEntry(1, { body }))).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    await queue.accept(sampleEntry(2));
  });

  it('keeps working directories of its own', async () => {
    const { open, dir } = setUp();
    mkdirSync(dir, { recursive: true });
    await open();
    expect(
      readdirSync(dir)
        .filter((name) => !name.startsWith('queue.db'))
        .sort(),
    ).toEqual(['lock', 'lock.db', 'spool']);
  });
});

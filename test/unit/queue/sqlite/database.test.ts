import { statSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  openDatabase,
  type BatchDatabase,
  type DatabaseOptions,
} from '../../../../src/queue/sqlite/database.js';
import type { Request } from '../../../../src/queue/sqlite/protocol.js';
import { noSteps, type Step, type StepHook } from '../../../../src/queue/steps.js';
import { sampleId } from '../../../helpers/queue-samples.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

function open(options: Partial<DatabaseOptions> & { steps?: StepHook } = {}): BatchDatabase {
  const { steps = noSteps, file = join(tempFolder(), 'queue.db'), ...others } = options;
  const database = openDatabase({ file, ...others }, steps);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

function put(n: number, bytes = 10): Request {
  const args = {
    queueId: sampleId(n),
    held: false,
    sender: '',
    receivedAt: 1,
    size: 1,
    due: 1,
    bodyInFile: false,
  };
  const blob = Buffer.alloc(bytes, 1);
  return { name: 'put', arguments: args, blobs: [blob, blob, blob, blob] };
}

const COUNT: Request = { name: 'count', arguments: null, blobs: [] };

function counted(key: string): Request {
  const question = { key, limit: 1, windowMs: 60_000, cost: 1, now: 1_767_225_600_000 };
  return { name: 'countRate', arguments: { question, mostRates: 100_000 }, blobs: [] };
}

describe('openDatabase', () => {
  it('does not begin to write while the log cannot be emptied', () => {
    const file = join(tempFolder(), 'queue.db');
    const first = open({ file });
    const reader = new SqliteDatabase(file);
    onTestFinished(() => {
      reader.close();
    });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM entries').get();
    first.run([put(1)]);
    // As after a fault: the log may hold pages that are lost, and nothing may be put behind them.
    expect(() => openDatabase({ file, waitMs: 0 }, noSteps)).toThrow(/log/);
    reader.exec('COMMIT');
    openDatabase({ file, waitMs: 0 }, noSteps).close();
  });

  it('runs a batch as one transaction', () => {
    const steps: Step[] = [];
    const database = open({ steps: (step) => steps.push(step) });
    const { answers, broken } = database.run([put(1), put(2), put(3), COUNT]);
    expect(broken).toBe(false);
    expect(answers.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(steps).toEqual(['row.written', 'row.committed']);
  });

  it('writes nothing for reading', () => {
    const steps: Step[] = [];
    const database = open({ steps: (step) => steps.push(step) });
    expect(database.run([COUNT]).answers[0]).toMatchObject({ status: 'ok' });
    expect(steps).toEqual([]);
  });

  it('fails only the request whose id is taken', () => {
    const database = open();
    const { answers, broken } = database.run([put(1), put(1), put(2)]);
    expect(broken).toBe(false);
    expect(answers).toMatchObject([{ status: 'ok' }, { status: 'fault', kind: 'exists' }, { status: 'ok' }]);
  });

  it('rolls the whole batch back when the commit fails, and asks for a new handle', () => {
    const file = join(tempFolder(), 'queue.db');
    let fail = false;
    const database = open({
      file,
      steps: (step) => {
        if (fail && step === 'row.written') throw new Error('disk on fire');
      },
    });
    database.run([put(1)]);
    fail = true;
    expect(database.run([put(2), COUNT])).toEqual({
      answers: [
        { status: 'fault', kind: 'failed', reason: 'disk on fire' },
        { status: 'fault', kind: 'failed', reason: 'disk on fire' },
      ],
      broken: true,
    });
    fail = false;
    expect(database.run([COUNT]).answers[0]).toMatchObject({ value: { waiting: 1 } });
  });

  it('refuses mail when there is no room, and lets what empties the queue go on', () => {
    const database = open({ maxBytes: 400_000 });
    expect(database.run([put(1)]).broken).toBe(false);
    const remove: Request = { name: 'remove', arguments: [sampleId(1)], blobs: [] };
    const { answers, broken } = database.run([put(2, 400_000), remove, put(3)]);
    expect(broken).toBe(false);
    expect(answers).toMatchObject([
      { status: 'fault', kind: 'full' },
      { status: 'ok', value: [sampleId(1)] },
      { status: 'fault', kind: 'full' },
    ]);
    expect(database.run([put(4, 400_000)]).answers).toMatchObject([{ status: 'fault', kind: 'full' }]);
    expect(database.run([put(5), COUNT]).answers).toMatchObject([
      { status: 'ok' },
      { value: { waiting: 1 } },
    ]);
  });

  it('says that there is no room when even the rest does not fit', () => {
    const database = open({ maxBytes: 100_000 });
    const setting: Request = {
      name: 'setSetting',
      arguments: { key: 'k', value: 'x'.repeat(400_000), expected: null },
      blobs: [],
    };
    expect(database.run([put(1), setting]).answers).toMatchObject([
      { status: 'fault', kind: 'full' },
      { status: 'fault', kind: 'full' },
    ]);
  });

  it('brings a file of the first version up to date, with what it holds', () => {
    const file = join(tempFolder(), 'queue.db');
    const first = openDatabase({ file }, noSteps);
    first.run([put(1)]);
    first.close();
    const older = new SqliteDatabase(file);
    for (const table of ['greylist', 'greylist_networks', 'rates', 'check_sizes']) {
      older.exec(`DROP TABLE ${table}`);
    }
    older.pragma('user_version = 1');
    older.close();
    expect(() => openDatabase({ file, readOnly: true }, noSteps)).toThrow(/older Postern/);
    const { answers } = open({ file }).run([COUNT, counted('k'), counted('k')]);
    expect(answers).toMatchObject([
      { status: 'ok', value: { waiting: 1 } },
      { status: 'ok', value: { allowed: true, count: 1 } },
      { status: 'ok', value: { allowed: false, count: 1 } },
    ]);
  });

  it('counts the confirmed triplets of a file of the second version', () => {
    const file = join(tempFolder(), 'queue.db');
    openDatabase({ file }, noSteps).close();
    const older = new SqliteDatabase(file);
    older.exec("DELETE FROM check_sizes WHERE name = 'confirmed'");
    older.exec("INSERT INTO greylist VALUES ('a', 1, 1, 2), ('b', 1, 0, 2), ('c', 1, 1, 2)");
    older.pragma('user_version = 2');
    older.close();
    openDatabase({ file }, noSteps).close();
    const newer = new SqliteDatabase(file);
    expect(newer.prepare("SELECT n FROM check_sizes WHERE name = 'confirmed'").get()).toEqual({ n: 2 });
    newer.close();
  });

  it('lets counters give way to what empties the queue when there is no room', () => {
    const database = open({ maxBytes: 300_000 });
    database.run([put(1)]);
    const remove: Request = { name: 'remove', arguments: [sampleId(1)], blobs: [] };
    let full = false;
    for (let n = 0; n < 500 && !full; n += 1) {
      const filling = Array.from({ length: 50 }, (_, i) => counted(`${n}.${i}`.padEnd(100)));
      full = database.run(filling).answers.some(({ status }) => status === 'fault');
    }
    expect(full).toBe(true);
    const { answers, broken } = database.run([counted('one more'.padEnd(4000)), remove]);
    expect(broken).toBe(false);
    expect(answers.at(-1)).toMatchObject({ status: 'ok', value: [sampleId(1)] });
  });

  it('refuses a file of a later version and leaves it as it is', () => {
    const file = join(tempFolder(), 'queue.db');
    const later = new SqliteDatabase(file);
    later.pragma('user_version = 99');
    later.close();
    expect(() => openDatabase({ file }, noSteps)).toThrowError(
      expect.objectContaining({ code: 'ERR_QUEUE_VERSION' }) as Error,
    );
    const again = new SqliteDatabase(file);
    expect(again.pragma('user_version', { simple: true })).toBe(99);
    again.close();
  });

  // That commits are synced is seen in test/crash/syncs.test.ts.
  it('writes ahead', () => {
    const file = join(tempFolder(), 'queue.db');
    open({ file });
    const other = new SqliteDatabase(file);
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
  });

  it('keeps the log short', () => {
    const file = join(tempFolder(), 'queue.db');
    const database = open({ file });
    const pages = (): number => statSync(`${file}-wal`).size / 4096;
    for (let n = 0; n < 40; n += 1) {
      expect(database.run([put(n, 250_000)])).toMatchObject({ answers: [{ status: 'ok' }], broken: false });
      expect(pages()).toBeLessThan(1500);
    }
    expect(statSync(file).size).toBeGreaterThan(30_000_000);
  });

  it('refuses mail while a reader keeps the log from beginning anew, and lets what empties the queue go on', () => {
    const file = join(tempFolder(), 'queue.db');
    const database = open({ file, mostLogPages: 200 });
    database.run([put(1)]);
    const reader = new SqliteDatabase(file);
    onTestFinished(() => {
      reader.close();
    });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM entries').get();
    const answers = Array.from({ length: 30 }, (_, n) => database.run([put(n + 2, 10_000)]));
    expect(answers.at(0)).toMatchObject({ answers: [{ status: 'ok' }], broken: false });
    expect(answers.at(-1)).toMatchObject({ answers: [{ status: 'fault', kind: 'full' }], broken: false });
    expect(statSync(`${file}-wal`).size / 4096).toBeLessThan(250);
    const remove: Request = { name: 'remove', arguments: [sampleId(1)], blobs: [] };
    expect(database.run([put(98), remove]).answers).toMatchObject([
      { status: 'fault', kind: 'full' },
      { status: 'ok', value: [sampleId(1)] },
    ]);
    reader.exec('COMMIT');
    expect(database.run([put(99, 10_000)]).answers).toMatchObject([{ status: 'ok' }]);
    expect(statSync(`${file}-wal`).size / 4096).toBeLessThan(50);
  });
});

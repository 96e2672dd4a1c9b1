import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import { memoryBody, type MessageBody } from '../../../../src/message/body.js';
import { inlineChannel, threadChannel, type Channel } from '../../../../src/queue/sqlite/channel.js';
import { createSqliteStore } from '../../../../src/queue/sqlite/store.js';
import { noSteps } from '../../../../src/queue/steps.js';
import type { Store } from '../../../../src/queue/store.js';
import { sampleEntry, sampleId } from '../../../helpers/queue-samples.js';
import { describeStore } from '../../../helpers/store-contract.js';
import { SMALL_BOUNDS } from '../../../helpers/store-contract-checks.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

function fileBodyStandIn(_queueId: string, size: number, crc: number): MessageBody {
  return { place: 'file', size, crc, path: '/nowhere', stream: () => memoryBody(Buffer.alloc(0)).stream() };
}

function openAt(open: () => Channel): Store {
  const store = createSqliteStore({
    open,
    clock: systemClock,
    openBodyFile: fileBodyStandIn,
    bounds: SMALL_BOUNDS,
    onTrouble: () => {
      // Looked at in the tests of the batcher.
    },
  });
  onTestFinished(() => store.close());
  return store;
}

function opener(open: (file: string) => Channel) {
  return async () => {
    const file = join(tempFolder(), 'queue.db');
    const store = openAt(() => open(file));
    return {
      store,
      async reopen() {
        await store.close();
        return openAt(() => open(file));
      },
    };
  };
}

describeStore(
  'SQLite in line',
  opener((file) => inlineChannel({ file }, noSteps)),
);
describeStore(
  'SQLite in a thread',
  opener((file) => threadChannel({ file })),
);

describe('createSqliteStore', () => {
  const damages: readonly (readonly [string, string, RegExp])[] = [
    ['recipients', "UPDATE entries SET recipients = x'5001'", /recipients: not a record/],
    ['the record', "UPDATE content SET record = x'50020000000000'", /record: version 2/],
    ['the header', "UPDATE content SET header = x'00'", /content checksum/],
    ['the body', "UPDATE content SET body = x'00'", /content checksum/],
    ['the whole content', 'DELETE FROM content', /record: not a record/],
    ['the place of the body', 'UPDATE entries SET body_in_file = 1', /disagree/],
    ['the id', `UPDATE entries SET id = '${sampleId(7)}'`, /belongs to/],
  ];

  it.each(damages)('hands out no entry with damage to %s', async (_what, sql, reason) => {
    const file = join(tempFolder(), 'queue.db');
    const store = openAt(() => inlineChannel({ file }, noSteps));
    await store.put(sampleEntry(1));
    const other = new SqliteDatabase(file);
    other.exec(sql);
    other.close();
    const [row] = await store.list({});
    const found = await store.get(row?.queueId ?? '');
    expect(found).toMatchObject({ status: 'damaged', reason: expect.stringMatching(reason) as string });
    const result = await store.claim({ now: sampleEntry(1).receivedAt, limit: 9, owner: 'a', leaseMs: 1 });
    expect(result.claimed).toHaveLength(0);
    expect(result.damaged).toEqual([
      { queueId: row?.queueId, reason: expect.stringMatching(reason) as string },
    ]);
  });

  it('remembers bodies in files and lists their ids in pages', async () => {
    const file = join(tempFolder(), 'queue.db');
    const store = openAt(() => inlineChannel({ file }, noSteps));
    for (const n of [1, 2, 3]) await store.put(sampleEntry(n, { body: fileBodyStandIn('', 10 * n, n) }));
    await store.put(sampleEntry(4));
    expect(await store.bodyFileIds('', 2)).toEqual([sampleId(1), sampleId(2)]);
    expect(await store.bodyFileIds(sampleId(2), 2)).toEqual([sampleId(3)]);
    const found = await store.get(sampleId(2));
    expect(found).toMatchObject({ entry: { body: { place: 'file', size: 20, crc: 2 } } });
  });
});

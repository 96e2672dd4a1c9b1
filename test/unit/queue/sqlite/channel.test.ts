import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { inlineChannel, threadChannel } from '../../../../src/queue/sqlite/channel.js';
import type { Request } from '../../../../src/queue/sqlite/protocol.js';
import { noSteps } from '../../../../src/queue/steps.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const COUNT: Request = { name: 'count', arguments: null, blobs: [] };

describe('threadChannel', () => {
  it('answers batches and closes', async () => {
    const channel = threadChannel({ file: join(tempFolder(), 'queue.db') });
    const reply = await channel.send([COUNT, COUNT]);
    expect(reply.broken).toBe(false);
    expect(reply.answers).toHaveLength(2);
    await channel.close();
    await expect(channel.send([COUNT])).rejects.toThrow(/ended/);
    await channel.close();
  });

  it('rejects the batch under way when the thread dies', async () => {
    const file = join(tempFolder(), 'queue.db');
    const later = new SqliteDatabase(file);
    later.pragma('user_version = 99');
    later.close();
    const channel = threadChannel({ file });
    await expect(channel.send([COUNT])).rejects.toThrow(/newer Postern/);
    await expect(channel.send([COUNT])).rejects.toThrow(/newer Postern/);
    await channel.close();
  });

  it('takes one batch at a time', async () => {
    const channel = threadChannel({ file: join(tempFolder(), 'queue.db') });
    const first = channel.send([COUNT]);
    await expect(channel.send([COUNT])).rejects.toMatchObject({ code: 'ERR_INVARIANT' });
    await first;
    await channel.close();
  });
});

describe('inlineChannel', () => {
  it('opens with the first batch and closes as often as asked', async () => {
    const channel = inlineChannel({ file: join(tempFolder(), 'queue.db') }, noSteps);
    await channel.close();
    expect((await channel.send([COUNT])).answers).toHaveLength(1);
    await channel.close();
    await channel.close();
  });

  it('rejects when the file cannot be opened', async () => {
    const channel = inlineChannel({ file: join(tempFolder(), 'missing', 'queue.db') }, noSteps);
    await expect(channel.send([COUNT])).rejects.toThrow();
  });
});

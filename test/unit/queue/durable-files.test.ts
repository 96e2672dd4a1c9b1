import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
import {
  createDirectorySync,
  diskError,
  makeDirectory,
  publishFile,
  removeFile,
  systemCode,
  writeAll,
} from '../../../src/queue/durable-files.js';
import { tempFolder } from '../../helpers/temp-folder.js';

function systemError(code: string): Error {
  return Object.assign(new Error(`it said ${code}`), { code });
}

describe('diskError', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('calls %s full', (code) => {
    expect(diskError(systemError(code))).toMatchObject({ code: 'ERR_QUEUE_FULL' });
  });

  it('calls everything else a failed write, and leaves its own errors alone', () => {
    expect(diskError(systemError('EIO'))).toMatchObject({
      code: 'ERR_QUEUE_WRITE',
      detail: { reason: 'it said EIO' },
    });
    expect(diskError('text')).toMatchObject({ code: 'ERR_QUEUE_WRITE' });
    const own = new QueueError('ERR_QUEUE_CLOSED');
    expect(diskError(own)).toBe(own);
    expect(systemCode(Object.assign(new Error('x'), { code: 5 }))).toBe('');
  });
});

describe('publishFile', () => {
  it('moves a file and never replaces another', async () => {
    const dir = tempFolder();
    const [from, to] = [join(dir, 'from'), join(dir, 'to')];
    writeFileSync(from, 'one');
    expect(await publishFile(from, to)).toBe('published');
    expect(existsSync(from)).toBe(false);
    writeFileSync(from, 'two');
    expect(await publishFile(from, to)).toBe('exists');
    expect(readFileSync(to, 'utf8')).toBe('one');
  });

  it('reports what it cannot do', async () => {
    const dir = tempFolder();
    await expect(publishFile(join(dir, 'none'), join(dir, 'to'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('removeFile', () => {
  it('does not mind a missing file, but a directory', async () => {
    const dir = tempFolder();
    await removeFile(join(dir, 'none'));
    mkdirSync(join(dir, 'folder'));
    await expect(removeFile(join(dir, 'folder'))).rejects.toThrow();
  });
});

describe('makeDirectory', () => {
  it('makes parents, with the mode, and is content when all is there', async () => {
    const dir = join(tempFolder(), 'a', 'b', 'c');
    await makeDirectory(dir, 0o700);
    await makeDirectory(dir, 0o700);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });
});

describe('createDirectorySync', () => {
  it('lets callers share an fsync that has not begun', async () => {
    const dir = tempFolder();
    const sync = createDirectorySync();
    const first = sync(dir);
    const second = sync(dir);
    const third = sync(dir);
    expect(second).toBe(third);
    expect(first).not.toBe(second);
    await Promise.all([first, second, third]);
    await sync(dir);
  });

  it('reports a failure to its own callers only', async () => {
    const dir = join(tempFolder(), 'later');
    const sync = createDirectorySync();
    const first = sync(dir);
    const second = sync(dir);
    await expect(first).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(second).rejects.toMatchObject({ code: 'ENOENT' });
    mkdirSync(dir);
    await expect(sync(dir)).resolves.toBeUndefined();
  });
});

describe('writeAll', () => {
  it('goes on where the system stopped', async () => {
    const written: Buffer[] = [];
    // Takes three octets at a time, now and then none.
    let calls = 0;
    const writev = vi.fn(async (pieces: readonly Buffer[]) => {
      calls += 1;
      if (calls === 2) return { bytesWritten: 0 };
      const taken = Buffer.concat(pieces).subarray(0, 3);
      written.push(taken);
      return { bytesWritten: taken.length };
    });
    const pieces = ['ab', '', 'cdefg', 'h'].map((text) => Buffer.from(text));
    await writeAll({ writev } as unknown as FileHandle, pieces);
    expect(Buffer.concat(written).toString()).toBe('abcdefgh');
  });

  it('writes to a real file', async () => {
    const path = join(tempFolder(), 'file');
    const handle = await open(path, 'wx');
    await writeAll(handle, [Buffer.from('a'), Buffer.from('bc')]);
    await handle.close();
    expect(readFileSync(path, 'utf8')).toBe('abc');
  });
});

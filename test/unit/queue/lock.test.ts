import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory } from '../../../src/queue/lock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const DIST = new URL('../../../dist/queue/lock.js', import.meta.url).href;

/** A process that holds the lock of `dir` until it is killed. */
async function holder(dir: string): Promise<ChildProcess> {
  const script = `const { lockDirectory } = await import(${JSON.stringify(DIST)});
    await lockDirectory(${JSON.stringify(dir)});
    console.log('locked');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child;
}

describe('lockDirectory', () => {
  it('lets one in at a time, and the next one after it', async () => {
    const dir = tempFolder();
    const unlock = await lockDirectory(dir);
    expect(readFileSync(join(dir, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
    await expect(lockDirectory(dir)).rejects.toMatchObject({
      code: 'ERR_QUEUE_LOCKED',
      detail: { dir, pid: String(process.pid) },
    });
    await unlock();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    await (await lockDirectory(dir))();
  });

  it('respects a living process, whatever its number is or seems to be', async () => {
    const dir = tempFolder();
    const child = await holder(dir);
    await expect(lockDirectory(dir)).rejects.toMatchObject({
      code: 'ERR_QUEUE_LOCKED',
      detail: { pid: String(child.pid) },
    });
    // In another container the same number may be ours, somebody else's, or nobody's.
    for (const text of [`${process.pid}\n`, '4194304\n', '-4 1', 'not a number', '']) {
      writeFileSync(join(dir, 'lock'), text);
      await expect(lockDirectory(dir)).rejects.toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
    }
  });

  it('is free as soon as its process has been killed', async () => {
    const dir = tempFolder();
    const child = await holder(dir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const unlock = await lockDirectory(dir);
    expect(readFileSync(join(dir, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
    await unlock();
  });

  it('lets exactly one of many in', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'lock'), '1\n');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(dir)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(dir).sort()).toEqual(['lock', 'lock.db']);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
    }
  });

  it('fails where no lock can be written, and holds none then', async () => {
    await expect(lockDirectory(join(tempFolder(), 'missing'))).rejects.toThrow(/directory does not exist/);
    const dir = tempFolder();
    writeFileSync(join(dir, 'lock.db'), 'no database, and longer than a header has to be: '.repeat(50));
    await expect(lockDirectory(dir)).rejects.toMatchObject({ code: 'SQLITE_NOTADB' });
  });
});

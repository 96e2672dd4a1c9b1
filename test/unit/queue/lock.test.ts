import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory } from '../../../src/queue/lock.js';
import { eventually } from '../../helpers/eventually.js';
import { tempFolder } from '../../helpers/temp-folder.js';

function livingProcess(): number {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child.pid ?? 0;
}

describe('lockDirectory', () => {
  it('lets one in at a time, and the next one after it', async () => {
    const dir = tempFolder();
    const unlock = await lockDirectory(dir, 'a');
    expect(readFileSync(join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+ a$`));
    await expect(lockDirectory(dir, 'b')).rejects.toMatchObject({
      code: 'ERR_QUEUE_LOCKED',
      detail: { pid: process.pid },
    });
    await unlock();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    await (await lockDirectory(dir, 'c'))();
  });

  it('respects a living process', async () => {
    const dir = tempFolder();
    const pid = livingProcess();
    writeFileSync(join(dir, 'lock'), `${pid} \n`);
    await expect(lockDirectory(dir, 'b')).rejects.toMatchObject({
      code: 'ERR_QUEUE_LOCKED',
      detail: { pid },
    });
    // Number 1 is always alive, and usually not ours to signal.
    writeFileSync(join(dir, 'lock'), '1 \n');
    await expect(lockDirectory(dir, 'b')).rejects.toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
  });

  it('takes over what the dead have left', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const stale = [
      `${gone} 1\n`,
      // The number lives, but as another process.
      `${livingProcess()} 1\n`,
      // Our own number from before a restart.
      `${process.pid} 1\n`,
      '',
      'not a number',
      '-4 1',
    ];
    for (const text of stale) {
      const dir = tempFolder();
      writeFileSync(join(dir, 'lock'), text);
      const unlock = await lockDirectory(dir, 'a');
      expect(readdirSync(dir)).toEqual(['lock']);
      await unlock();
    }
  });

  it.skipIf(!existsSync('/proc/self/stat'))(
    'takes over from a process that has ended, but whose parent has not asked for its status',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      onTestFinished(() => {
        parent.kill('SIGKILL');
      });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      const status = (): string => readFileSync(`/proc/${pid}/stat`, 'latin1');
      await eventually('the end of the child', () => status().includes(') Z '));
      const dir = tempFolder();
      writeFileSync(join(dir, 'lock'), `${pid} ${status().split(' ')[21]} x`);
      await (await lockDirectory(dir, 'a'))();
    },
  );

  it('lets exactly one of many take over', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'lock'), 'nobody');
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => lockDirectory(dir, `o${n}`)),
    );
    const winners = results.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(readdirSync(dir)).toEqual(['lock']);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
    }
  });

  it('goes on after a process that died while it took over', async () => {
    const dir = tempFolder();
    for (const name of ['lock', 'lock.takeover']) writeFileSync(join(dir, name), 'nobody');
    await lockDirectory(dir, 'a');
    expect(readdirSync(dir)).toEqual(['lock']);
  });

  it('waits no longer for one that is taking over than a few looks', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'lock'), 'nobody');
    writeFileSync(join(dir, 'lock.takeover'), `${livingProcess()} `);
    await expect(lockDirectory(dir, 'a')).rejects.toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
  });

  it('fails where no lock can be written', async () => {
    await expect(lockDirectory(join(tempFolder(), 'missing'), 'a')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileMark, watchFile } from '../../../src/app/watch-file.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { gate } from '../../helpers/gate.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const EVERY_MS = 100;

function watched(changed: () => Promise<void> | void = () => undefined) {
  const clock = createFakeClock();
  const state = { mark: 'first' };
  const told: string[] = [];
  const watch = watchFile(
    {
      path: 'f',
      mark: state.mark,
      clock,
      everyMs: EVERY_MS,
      changed() {
        told.push(`read ${state.mark}`);
        return changed();
      },
      failed: (error) => told.push(String(error)),
    },
    () => Promise.resolve(state.mark),
  );
  onTestFinished(() => {
    watch.stop();
  });
  return { clock, state, told, watch };
}

describe('the mark of a file', () => {
  it.each([
    ['a link that leads to itself', 'ELOOP', (at: string) => symlinkSync(at, at)],
    [
      'a file where a folder was',
      'ENOTDIR',
      (at: string) => {
        rmSync(join(at, '..'), { recursive: true });
        writeFileSync(join(at, '..'), '');
      },
    ],
    ['nothing', 'ENOENT', () => undefined],
  ])('says what is wrong with %s', async (_what, code, spoil) => {
    const folder = join(tempFolder(), 'folder');
    mkdirSync(folder);
    spoil(join(folder, 'file'));
    expect(await fileMark(join(folder, 'file'))).toContain(code);
  });

  it('says that a folder may not be entered', async () => {
    const folder = join(tempFolder(), 'closed');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), '');
    const before = await fileMark(join(folder, 'file'));
    chmodSync(folder, 0);
    onTestFinished(() => {
      chmodSync(folder, 0o700);
    });
    // The administrator of the machine may enter it all the same.
    const expected = process.getuid?.() === 0 ? before : 'EACCES';
    expect(await fileMark(join(folder, 'file'))).toContain(expected);
  });

  it('is another one when the file has become readable', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '', { mode: 0 });
    const before = await fileMark(file);
    chmodSync(file, 0o600);
    expect(await fileMark(file)).not.toBe(before);
  });
});

describe('a watched file', () => {
  it('is read when two looks in a row see the same change', async () => {
    const { clock, state, told } = watched();
    await clock.advance(3 * EVERY_MS);
    state.mark = 'half';
    await clock.advance(EVERY_MS);
    state.mark = 'whole';
    await clock.advance(EVERY_MS);
    expect(told).toEqual([]);
    await clock.advance(5 * EVERY_MS);
    expect(told).toEqual(['read whole']);
  });

  it('is read at once by an urgent look, and not once more by the next one', async () => {
    const { clock, state, told, watch } = watched();
    await watch.look();
    state.mark = 'second';
    await watch.look();
    await clock.advance(3 * EVERY_MS);
    expect(told).toEqual(['read second']);
  });

  it('that changed before the first look is seen', async () => {
    const { clock, state, told } = watched();
    state.mark = 'saved while it was being read';
    await clock.advance(2 * EVERY_MS);
    expect(told).toHaveLength(1);
  });

  it('is looked at further when reading it throws or rejects', async () => {
    let count = 0;
    const { clock, state, told } = watched(() => {
      count += 1;
      if (count === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    });
    for (const mark of ['second', 'third']) {
      state.mark = mark;
      await clock.advance(4 * EVERY_MS);
    }
    expect(told).toEqual(['read second', 'Error: thrown', 'read third', 'Error: rejected']);
  });

  it('has been read when an urgent look answers, although another look had begun to', async () => {
    const { open, passed } = gate();
    let isInForce = false;
    const { clock, state, told, watch } = watched(async () => {
      await passed;
      isInForce = true;
    });
    state.mark = 'second';
    await clock.advance(2 * EVERY_MS);
    expect(told).toEqual(['read second']);
    const urgent = watch.look().then(() => isInForce);
    await clock.settle();
    open();
    expect(await urgent).toBe(true);
    expect(told).toHaveLength(1);
  });

  it('is left alone after the end', async () => {
    const { clock, state, told, watch } = watched();
    watch.stop();
    state.mark = 'second';
    await clock.advance(5 * EVERY_MS);
    await watch.look();
    expect(told).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

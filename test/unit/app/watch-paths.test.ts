/** Real files: changes are told, also after the folder was moved away and back. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, onTestFinished } from 'vitest';
import { watchPaths } from '../../../src/app/watch-paths.js';
import { systemClock } from '../../../src/core/clock.js';
import { silentLogger } from '../../../src/core/log.js';
import { eventually } from '../../helpers/eventually.js';
import { tempFolder } from '../../helpers/temp-folder.js';

it('tells changes, also after a folder was moved away and back', async () => {
  const root = tempFolder();
  const dir = join(root, 'policies');
  mkdirSync(dir);
  let told = 0;
  const warned: string[] = [];
  const watcher = await watchPaths([dir], {
    clock: systemClock,
    log: { ...silentLogger, warn: (message) => warned.push(message) },
    changed: () => {
      told += 1;
    },
  });
  onTestFinished(() => watcher.close());
  const change = async (name: string): Promise<void> => {
    const before = told;
    writeFileSync(join(dir, name), String(before));
    await eventually(`a change of ${name}`, () => told > before || undefined);
  };

  await change('a.ts');
  renameSync(dir, join(root, 'gone'));
  await eventually('the loss', () => warned.length > 0 || undefined);
  const before = told;
  renameSync(join(root, 'gone'), dir);
  await eventually('the return', () => told > before || undefined);
  await change('b.ts');
  await change('a.ts');
});

it('tells changes behind a link that was turned', async () => {
  const root = tempFolder();
  for (const name of ['one', 'two']) mkdirSync(join(root, name));
  const link = join(root, 'policies');
  symlinkSync(join(root, 'one'), link);
  let told = 0;
  const changed = (): void => {
    told += 1;
  };
  const watcher = await watchPaths([link], { clock: systemClock, log: silentLogger, changed });
  onTestFinished(() => watcher.close());
  rmSync(link);
  symlinkSync(join(root, 'two'), link);
  await eventually('the turned link', () => told > 0);
  // The new folder is watched a moment after the turn was told.
  let saves = 0;
  const before = told;
  await eventually('a save behind it', () => {
    saves += 1;
    writeFileSync(join(root, 'two', `${saves}.ts`), '');
    return told > before;
  });
});

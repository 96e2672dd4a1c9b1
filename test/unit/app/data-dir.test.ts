import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareDataDir } from '../../../src/app/data-dir.js';
import { tempFolder } from '../../helpers/temp-folder.js';

describe('prepareDataDir', () => {
  it('makes the folder and those above it', () => {
    const dir = join(tempFolder(), 'a', 'b');
    prepareDataDir(dir);
    expect(existsSync(dir)).toBe(true);
    prepareDataDir(dir);
  });

  it('says what is wrong with one that cannot be', () => {
    const root = tempFolder();
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'dir'));
    for (const dir of [join(root, 'file', 'x'), '/proc/postern/x']) {
      expect(() => {
        prepareDataDir(dir);
      }).toThrow(expect.objectContaining({ code: 'ERR_DATA_DIR' }));
    }
  });
});

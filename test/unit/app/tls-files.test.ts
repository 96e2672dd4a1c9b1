import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateFiles } from '../../../src/app/tls-files.js';
import { tempFolder } from '../../helpers/temp-folder.js';

describe('certificate files', () => {
  it('have another mark when they have changed, also behind a link', async () => {
    const folder = tempFolder();
    const live = join(folder, 'live.pem');
    for (const name of ['1.pem', '2.pem']) writeFileSync(join(folder, name), 'same size');
    symlinkSync('1.pem', live);
    const before = await certificateFiles.mark(live);
    expect(await certificateFiles.mark(live)).toBe(before);
    symlinkSync('2.pem', `${live}.new`);
    renameSync(`${live}.new`, live);
    expect(await certificateFiles.mark(live)).not.toBe(before);
    expect((await certificateFiles.read(live)).toString()).toBe('same size');
  });

  it('are refused when missing or far too large', async () => {
    const path = join(tempFolder(), 'x.pem');
    await expect(certificateFiles.mark(path)).rejects.toThrow('ENOENT');
    writeFileSync(path, Buffer.alloc(1024 * 1024 + 1));
    await expect(certificateFiles.read(path)).rejects.toThrow('is larger than 1048576 octets');
  });
});

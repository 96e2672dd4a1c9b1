import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { threadEntry } from '../../../src/core/thread.js';

const ROOT = join(import.meta.dirname, '../../..');
const url = (path: string): string => pathToFileURL(join(ROOT, path)).href;

describe('threadEntry', () => {
  it('finds the entry next to compiled code', () => {
    expect(threadEntry('file:///opt/postern/dist/queue/x.js', './worker.js').href).toBe(
      'file:///opt/postern/dist/queue/worker.js',
    );
  });

  it('sends a source file to the built one', () => {
    expect(threadEntry(url('src/queue/sqlite/channel.ts'), './worker.js').href).toBe(
      url('dist/queue/sqlite/worker.js'),
    );
  });

  it('refuses a source file outside src', () => {
    expect(() => threadEntry(url('test/unit/x.ts'), './worker.js')).toThrowError(
      expect.objectContaining({ code: 'ERR_INVARIANT' }) as Error,
    );
  });
});

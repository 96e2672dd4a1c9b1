/**
 * Where the compiled entry file of a worker thread lies.
 *
 * A thread loads JavaScript only. Compiled code finds the entry next to itself; code that a test
 * runner loads from `src/**.ts` is sent to the same place under `dist/`, which must be built.
 *
 * Callers: whoever starts a thread (queue, hooks). Fails when a TypeScript caller is outside
 * `src`, because no compiled file answers to it.
 */
import { InvariantError } from './errors.js';

/** The checkout or package that holds this file: two folders up, from `src/core` and `dist/core` alike. */
const ROOT = new URL('../../', import.meta.url);

/**
 * Resolves the entry of a thread.
 *
 * `threadEntry(import.meta.url, './worker.js')` gives the URL to hand to `new Worker(...)`.
 */
export function threadEntry(importMetaUrl: string, relative: string): URL {
  const entry = new URL(relative, importMetaUrl);
  if (!new URL(importMetaUrl).pathname.endsWith('.ts')) return entry;
  const source = new URL('src/', ROOT).href;
  if (!entry.href.startsWith(source)) {
    throw new InvariantError('ERR_INVARIANT', {
      detail: { reason: `no compiled file belongs to ${entry.href}` },
    });
  }
  return new URL(`dist/${entry.href.slice(source.length)}`, ROOT);
}

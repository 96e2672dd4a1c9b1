/**
 * Tells when anything at or below some paths changes, also after a path was moved away and back.
 *
 * The system forgets a watched folder that is moved or removed; deployments do that. A path that
 * is gone is looked for until it is there again, and then watched anew.
 *
 * Callers: app/reload-policies. A watcher that fails is logged; it never throws.
 */
import { existsSync } from 'node:fs';
import { watch } from 'chokidar';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';

/** How often a path that is gone is looked for. */
const LOOK_MS = 500;
/** Installed packages and version control change by the thousand and are no policies. */
const IGNORED = /(?:^|\/)(?:node_modules|\.git)(?:\/|$)/;

export interface PathWatcher {
  close(): Promise<void>;
}

export interface WatchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly changed: () => void;
}

/** Begins to watch; resolves when changes are seen. */
export async function watchPaths(paths: readonly string[], deps: WatchDeps): Promise<PathWatcher> {
  const { clock, log, changed } = deps;
  const watcher = watch([...paths], { ignoreInitial: true, ignored: IGNORED });
  const lost = new Set<string>();
  let closed = false;

  const look = (path: string): void => {
    if (closed) return;
    if (!existsSync(path)) {
      clock.after(LOOK_MS, () => {
        look(path);
      });
      return;
    }
    lost.delete(path);
    watcher.unwatch(path);
    watcher.add(path);
    changed();
  };
  watcher.on('all', (event, path) => {
    changed();
    if (!event.startsWith('unlink') || !paths.includes(path) || lost.has(path)) return;
    lost.add(path);
    log.warn('a watched policy path is gone; it is watched again when it is back', { path });
    look(path);
  });
  watcher.on('error', (error) => {
    log.error('policy files are no longer watched', { error: messageOf(error) });
  });
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
  });
  return {
    async close() {
      closed = true;
      await watcher.close();
    },
  };
}

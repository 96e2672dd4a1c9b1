/**
 * Tells when anything at or below some paths changes, also when a path itself is exchanged.
 *
 * The system watches what a path led to when watching began. Deployments move folders away, make
 * them anew or turn a link; what each path leads to is therefore looked at again and again, and
 * watched anew when it is something else.
 *
 * Callers: app/reload-policies. A watcher that fails is logged; it never throws.
 */
import { statSync } from 'node:fs';
import { watch } from 'chokidar';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';

/** How often it is looked where the paths lead. */
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

/** What a path leads to now, through links; empty when that is nothing. */
function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  // A file gets another identity by every save of some editors; the watcher sees those by itself.
  return found === undefined ? '' : found.isDirectory() ? `${found.dev}:${found.ino}` : 'file';
}

/** Begins to watch; resolves when changes are seen. */
export async function watchPaths(paths: readonly string[], deps: WatchDeps): Promise<PathWatcher> {
  const { clock, log, changed } = deps;
  const watcher = watch([...paths], { ignoreInitial: true, ignored: IGNORED });
  const known = new Map(paths.map((path) => [path, identityOf(path)]));
  let closed = false;

  const look = (path: string): void => {
    const now = identityOf(path);
    if (now === known.get(path)) return;
    known.set(path, now);
    if (now === '') log.warn('a watched path is gone; it is watched again when it is back', { path });
    else {
      watcher.unwatch(path);
      watcher.add(path);
    }
    changed();
  };
  const later = (): void => {
    clock.after(LOOK_MS, () => {
      if (closed) return;
      for (const path of paths) {
        try {
          look(path);
        } catch (error) {
          log.error('a watched path cannot be looked at', { path, error: messageOf(error) });
        }
      }
      later();
    });
  };
  watcher.on('all', changed);
  watcher.on('error', (error) => {
    log.error('files are no longer watched', { error: messageOf(error) });
  });
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
  });
  later();
  return {
    async close() {
      closed = true;
      await watcher.close();
    },
  };
}

/**
 * Loads policies again when their files change.
 *
 * Saves often come as several events; a change is acted upon when nothing has happened for a
 * moment. A set that does not load keeps the previous one in force and says why, with file and
 * line; sessions that are open keep the set with which they began in any case.
 *
 * Callers: app/compose. Never throws after the start; a watcher that fails is logged.
 */
import type { Cancel, Clock } from '../core/clock.js';
import { isEngineError, messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { type LoadOptions, loadPolicies } from '../hooks/load.js';
import type { PolicySet } from '../hooks/policy-set.js';
import { type PathWatcher, watchPaths } from './watch-paths.js';

/** Quiet time after the last change before the files are read. */
const SETTLE_MS = 60;

export interface ReloadDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  /** Puts it in force; gives the whole set, with the policies that are not from files. */
  readonly use: (set: PolicySet) => PolicySet;
}

export interface PolicyReloader {
  /** Loads now; resolves when the new set is in force or the previous one was kept. */
  reload(): Promise<'loaded' | 'kept'>;
  /** Begins to watch; resolves when changes are seen. */
  watch(): Promise<void>;
  close(): Promise<void>;
}

function keep(error: unknown, { facts, log }: ReloadDeps): void {
  const file = isEngineError(error) ? String(error.detail.file ?? '') : '';
  facts.publish('policies.kept', { file, message: messageOf(error) });
  if (!isEngineError(error)) log.error('policies could not be loaded', { error: messageOf(error) });
}

export function createPolicyReloader(options: LoadOptions, deps: ReloadDeps): PolicyReloader {
  const { clock, facts, log } = deps;
  let watcher: PathWatcher | undefined;
  let waiting: Cancel | undefined;
  let running: Promise<unknown> = Promise.resolve();

  const load = async (): Promise<'loaded' | 'kept'> => {
    const started = clock.elapsed();
    try {
      const set = deps.use(await loadPolicies(options));
      facts.publish('policies.loaded', { count: set.policies.length, ms: clock.elapsed() - started });
      return 'loaded';
    } catch (error) {
      keep(error, deps);
      return 'kept';
    }
  };
  // One after the other: an older load must not replace a newer one.
  const reload = (): Promise<'loaded' | 'kept'> => {
    const next = running.then(load);
    running = next;
    return next;
  };
  const changed = (): void => {
    waiting?.();
    waiting = clock.after(SETTLE_MS, () => {
      waiting = undefined;
      reload().catch((error: unknown) => {
        keep(error, deps);
      });
    });
  };

  return {
    reload,
    async watch() {
      watcher = await watchPaths(options.paths, { clock, log, changed });
    },
    async close() {
      waiting?.();
      await watcher?.close();
    },
  };
}

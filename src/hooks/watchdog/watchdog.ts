/**
 * Starts and stops the watchdog thread, and counts what it reports.
 *
 * In a process that a supervisor replaces, the thread writes its report and ends the process; the
 * supervisor counts. In a host program (createEngine) the process is not ours to end: the report
 * arrives here when the loop is over, becomes a fact, and the policy is disabled after
 * `disableAfter` reports within `windowMs`.
 *
 * Callers: app. A thread that cannot start is reported once and mail goes on without it.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { FactBus } from '../../core/facts.js';
import type { Logger } from '../../core/log.js';
import { threadEntry } from '../../core/thread.js';
import type { PolicySet } from '../policy-set.js';
import type { BlockedReport, DogOptions, ToDog } from './report.js';
import { createWatch, type Watch } from './watch.js';

export interface WatchdogSettings {
  readonly afterMs: number;
  readonly disableAfter: number;
  readonly windowMs: number;
  readonly reportFile: string;
  readonly kill: boolean;
}

export interface WatchdogDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly disable: (policy: string, reason: string) => void;
}

export interface Watchdog {
  readonly watch: Watch;
  /** Tells the thread which handler each mark of the set is. */
  know(set: PolicySet): void;
  stop(): Promise<void>;
}

/** Whether the policy has blocked so often that it must not run again. */
export function tooOften(
  times: readonly number[],
  now: number,
  settings: { disableAfter: number; windowMs: number },
): boolean {
  return times.filter((time) => now - time <= settings.windowMs).length >= settings.disableAfter;
}

export function startWatchdog(settings: WatchdogSettings, deps: WatchdogDeps): Watchdog {
  const { clock, facts, log } = deps;
  const watch = createWatch(clock);
  const times = new Map<string, number[]>();
  const workerData: DogOptions = {
    memory: watch.memory,
    pid: process.pid,
    afterMs: settings.afterMs,
    reportFile: settings.reportFile,
    kill: settings.kill,
  };
  const worker = new Worker(threadEntry(import.meta.url, './dog.js'), { workerData });
  worker.unref();
  worker.on('error', (error) => {
    log.error('the watchdog thread has ended; a policy in a busy loop will not be found', {
      error: messageOf(error),
    });
  });
  worker.on('message', (report: BlockedReport) => {
    const { policy, event, ms, at } = report;
    facts.publish('policy.blocked', { policy, event, ms, at });
    if (policy === '') return;
    const seen = [...(times.get(policy) ?? []), clock.now()];
    times.set(policy, seen);
    if (tooOften(seen, clock.now(), settings))
      deps.disable(policy, `it blocked the main thread ${seen.length} times`);
  });
  const tell = (message: ToDog): void => {
    worker.postMessage(message);
  };
  return {
    watch,
    know(set) {
      tell({
        kind: 'marks',
        marks: set.marks.map(({ policy, event }) => ({ policy: policy.name, event, file: policy.file })),
      });
    },
    async stop() {
      watch.stop();
      tell({ kind: 'stop' });
      await worker.terminate();
    },
  };
}

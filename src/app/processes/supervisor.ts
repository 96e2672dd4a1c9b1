/**
 * The supervisor: starts the engine process, and starts it again when it dies.
 *
 * It runs no policy and opens no mail, so nothing that a stranger sends can end it. A policy that
 * blocked the engine process too often within the window is disabled for the processes that
 * follow, until a restart of Postern. A first start that fails (a wrong configuration, a port in
 * use) ends the supervisor with the same status instead of being tried again.
 *
 * Callers: cli/commands/start. Resolves with the exit status when everything has stopped.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { BlockedReport } from '../../hooks/watchdog/report.js';
import { tooOften } from '../../hooks/watchdog/watchdog.js';
import { nextWait } from './backoff.js';
import { type BeginMessage, isProcessMessage } from './messages.js';

export interface SupervisorOptions {
  /** Script and arguments of the engine process. */
  readonly script: string;
  readonly args: readonly string[];
  /** Where the watchdog of the engine process leaves its report. */
  readonly reportFile: string;
  readonly disableAfter: number;
  readonly windowMs: number;
  /** How long a stopping process may take before it is killed. */
  readonly stopMs: number;
}

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** Beyond the engine's own shutdown timeout, so that it is the engine that gives up first. */
const STOP_GRACE_MS = 5000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #deps: SupervisorDeps;
  readonly #blocked = new Map<string, number[]>();
  #child: ChildProcess | undefined;
  #stopping = false;
  #wasReady = false;
  #waitMs = 0;
  #bornAt = 0;
  #end: (status: number) => void = () => undefined;

  constructor(options: SupervisorOptions, deps: SupervisorDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Runs until `stop`, or until the first start has failed. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.#end = resolve;
      this.#start();
    });
  }

  /** Asks the engine process to finish; kills it when it does not within its time, or at the second call. */
  stop(): void {
    if (this.#stopping) {
      this.#child?.kill('SIGKILL');
      return;
    }
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined) {
      this.#end(0);
      return;
    }
    child.kill('SIGTERM');
    this.#deps.clock.after(this.#options.stopMs + STOP_GRACE_MS, () => {
      this.#deps.log.error('the engine process did not stop in time and is killed', { pid: child.pid });
      child.kill('SIGKILL');
    });
  }

  /** Hands a signal on, e.g. SIGHUP. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  #start(): void {
    const { script, args } = this.#options;
    this.#bornAt = this.#deps.clock.elapsed();
    const child = fork(script, [...args], { stdio: 'inherit' });
    this.#child = child;
    const begin: BeginMessage = { kind: 'begin', disabled: this.#disabled(), again: this.#wasReady };
    child.send(begin, (error) => {
      if (error) this.#deps.log.warn('the engine process ended before it began', { pid: child.pid });
    });
    child.on('message', (message) => {
      if (isProcessMessage(message) && message.kind === 'ready') this.#wasReady = true;
    });
    child.once('error', (error) => {
      this.#deps.log.error('the engine process had trouble', { error: error.message });
    });
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      this.#ended(code, signal);
    });
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) {
      this.#end(code ?? 1);
      return;
    }
    if (!this.#wasReady) {
      this.#end(code ?? 1);
      return;
    }
    const { clock, log } = this.#deps;
    const report = this.#takeReport();
    this.#waitMs = nextWait(this.#waitMs, clock.elapsed() - this.#bornAt);
    const blame = report === undefined ? {} : { policy: report.policy, event: report.event, at: report.at };
    log.error('the engine process died and is started again', { code, signal, inMs: this.#waitMs, ...blame });
    const again = (): void => {
      if (this.#stopping) this.#end(0);
      else this.#start();
    };
    clock.after(this.#waitMs, again, 'hold');
  }

  /** Reads and removes what the watchdog wrote before it ended the process. */
  #takeReport(): BlockedReport | undefined {
    const { reportFile } = this.#options;
    let text: string;
    try {
      text = readFileSync(reportFile, 'utf8');
      rmSync(reportFile, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const report = JSON.parse(text) as BlockedReport;
    if (report.policy !== '') {
      const times = this.#blocked.get(report.policy) ?? [];
      this.#blocked.set(report.policy, [...times, this.#deps.clock.now()]);
    }
    return report;
  }

  #disabled(): BeginMessage['disabled'] {
    const now = this.#deps.clock.now();
    return [...this.#blocked].flatMap(([policy, times]) =>
      tooOften(times, now, this.#options)
        ? [{ policy, reason: `it blocked the engine ${times.length} times` }]
        : [],
    );
  }
}

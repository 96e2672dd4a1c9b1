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
import type { Cancel, Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { BlockedReport } from '../../hooks/watchdog/report.js';
import { tooOften } from '../../hooks/watchdog/watchdog.js';
import { nextWait } from './backoff.js';
import { type BeginMessage, isProcessMessage, type ReadyMessage } from './messages.js';

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
/** A terminal signals the whole group, and npm hands the signal on as well: that is one wish. */
const SAME_WISH_MS = 1000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #deps: SupervisorDeps;
  /** When each policy blocked the process, within the window. */
  readonly #blocked = new Map<string, readonly number[]>();
  /** Policies that must not run any more, with the reason. */
  readonly #disabled = new Map<string, string>();
  #child: ChildProcess | undefined;
  /** Whether the process of the moment has said that it is up. */
  #isReady = false;
  /** Signals that came before it was; a process that does not listen yet would die of them. */
  #early = new Set<NodeJS.Signals>();
  #cancelStart: Cancel | undefined;
  #stopping = false;
  #stopAskedAt = 0;
  #wasReady = false;
  #ports: Readonly<Record<string, number>> = {};
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
      // What an earlier run has left says nothing about the processes of this one.
      this.#takeReport();
      this.#start();
    });
  }

  /** Asks the engine process to finish; kills it when it does not within its time, or when asked again. */
  stop(): void {
    const now = this.#deps.clock.elapsed();
    if (this.#stopping) {
      if (now - this.#stopAskedAt > SAME_WISH_MS) this.#child?.kill('SIGKILL');
      return;
    }
    this.#stopping = true;
    this.#stopAskedAt = now;
    const child = this.#child;
    if (child === undefined) {
      this.#cancelStart?.();
      this.#end(0);
      return;
    }
    child.kill('SIGTERM');
    this.#deps.clock.after(this.#options.stopMs + STOP_GRACE_MS, () => {
      this.#deps.log.error('the engine process did not stop in time and is killed', { pid: child.pid });
      child.kill('SIGKILL');
    });
  }

  /** Hands a signal on, e.g. SIGHUP; once the engine process is up. */
  signal(name: NodeJS.Signals): void {
    if (this.#isReady) this.#child?.kill(name);
    else this.#early.add(name);
  }

  #start(): void {
    const { script, args } = this.#options;
    this.#bornAt = this.#deps.clock.elapsed();
    const child = fork(script, [...args], { stdio: 'inherit' });
    this.#child = child;
    const disabled = [...this.#disabled].map(([policy, reason]) => ({ policy, reason }));
    const begin: BeginMessage = { kind: 'begin', disabled, again: this.#wasReady, ports: this.#ports };
    child.send(begin, (error) => {
      if (error) this.#deps.log.warn('the engine process ended before it began', { pid: child.pid });
    });
    child.on('message', (message) => {
      if (isProcessMessage(message) && message.kind === 'ready') this.#ready(child, message);
    });
    child.once('error', (error) => {
      this.#deps.log.error('the engine process had trouble', { error: error.message });
      // One that could not even be made does not exit either.
      if (child.pid === undefined) this.#ended(null, null);
    });
    child.once('exit', (code, signal) => {
      this.#ended(code, signal);
    });
  }

  #ready(child: ChildProcess, { ports }: ReadyMessage): void {
    this.#ports = ports;
    this.#wasReady = true;
    this.#isReady = true;
    for (const name of this.#early) child.kill(name);
    this.#early.clear();
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    // A process that was told to stop before it listened to signals has ended as it should.
    const asTold = this.#stopping && !this.#isReady && (signal === 'SIGTERM' || signal === 'SIGINT');
    this.#child = undefined;
    this.#isReady = false;
    if (this.#stopping || !this.#wasReady) {
      this.#end(asTold ? 0 : (code ?? 1));
      return;
    }
    const { clock, log } = this.#deps;
    const report = this.#takeReport();
    if (report !== undefined && report.policy !== '') this.#count(report.policy);
    this.#waitMs = nextWait(this.#waitMs, clock.elapsed() - this.#bornAt);
    const blame = report === undefined ? {} : { policy: report.policy, event: report.event, at: report.at };
    log.error('the engine process died and is started again', { code, signal, inMs: this.#waitMs, ...blame });
    this.#cancelStart = clock.after(
      this.#waitMs,
      () => {
        this.#start();
      },
      'hold',
    );
  }

  /** Monotonic times: a change of the wall clock neither forgives nor blames. */
  #count(policy: string): void {
    const now = this.#deps.clock.elapsed();
    const recent = (this.#blocked.get(policy) ?? []).filter((at) => now - at <= this.#options.windowMs);
    const times = [...recent, now];
    this.#blocked.set(policy, times);
    if (tooOften(times, now, this.#options)) {
      this.#disabled.set(policy, `it blocked the engine ${times.length} times`);
    }
  }

  /** Reads and removes what the watchdog wrote before it ended the process, as far as it can be read. */
  #takeReport(): BlockedReport | undefined {
    const { reportFile } = this.#options;
    try {
      const text = readFileSync(reportFile, 'utf8');
      rmSync(reportFile, { force: true });
      return JSON.parse(text) as BlockedReport;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.#deps.log.error('the report of the watchdog cannot be read', {
        reportFile,
        error: messageOf(error),
      });
      return undefined;
    }
  }
}

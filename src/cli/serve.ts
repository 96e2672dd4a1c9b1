/**
 * Runs the engine in this process until a signal, or the supervisor, ends it.
 *
 * Callers: cli/commands/start. Resolves with the exit status when everything is closed; rejects
 * when the engine could not start.
 */
import { bannerLines } from '../app/banner.js';
import type { LoadedConfig } from '../app/load-config.js';
import { createLogger } from '../app/logger.js';
import { type Postern, startPostern } from '../app/postern.js';
import { type BeginMessage, isProcessMessage, type ReadyMessage } from '../app/processes/messages.js';
import { packageVersion } from '../app/version.js';
import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './frame.js';
import { printable } from './report-error.js';

/** Conventional status of a process that ended because it was interrupted twice. */
const INTERRUPTED = 130;

const ALONE: BeginMessage = { kind: 'begin', disabled: [], again: false };

/** What the supervisor wants this process to know before it starts. */
function firstMessage(): Promise<BeginMessage> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (!isProcessMessage(message) || message.kind !== 'begin') return;
      process.off('message', hear);
      resolve(message);
    };
    process.on('message', hear);
  });
}

/** What a policy left running after its handler, and what then went wrong, must not end the mail. */
function survivePolicies(log: Logger, files: () => readonly string[]): void {
  const report = (what: string, error: unknown): void => {
    log.error(what, { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined });
  };
  process.on('unhandledRejection', (reason) => {
    report('a promise was rejected and nobody awaited it', reason);
  });
  process.on('uncaughtException', (error) => {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    if (files().some((file) => stack.includes(file))) {
      report('a policy threw after its handler had ended', error);
      return;
    }
    // A bug of ours: what else is wrong is not known, so a fresh process goes on with the mail.
    report('an unexpected error ends this process', error);
    process.exit(EXIT.internal);
  });
}

/**
 * Resolves with the exit status once a signal or the end of the supervisor has stopped the engine.
 *
 * Terminals and service managers signal the supervisor and this process both, and the supervisor
 * hands its signal on: under one, a repeated signal is no second wish. It is the supervisor that
 * counts then, and kills.
 */
function untilStopped(postern: Postern, log: Logger, supervised: boolean): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (why: string): void => {
      if (stopping) {
        if (!supervised) process.exit(INTERRUPTED);
        return;
      }
      stopping = true;
      log.info('stopping; a second signal ends at once', { why });
      const leave = (status: number): void => {
        if (process.connected) process.disconnect();
        resolve(status);
      };
      postern.stop().then(
        () => {
          leave(0);
        },
        (error: unknown) => {
          log.error('stopping failed', { error: messageOf(error) });
          leave(1);
        },
      );
    };
    process.on('SIGTERM', () => {
      stop('SIGTERM');
    });
    process.on('SIGINT', () => {
      stop('SIGINT');
    });
    process.on('SIGHUP', () => {
      postern.reloadPolicies().catch((error: unknown) => {
        log.error('policies could not be reloaded', { error: messageOf(error) });
      });
    });
    process.on('disconnect', () => {
      if (!stopping) stop('the supervisor has ended');
    });
  });
}

export async function serve(loaded: LoadedConfig, terminal: Terminal, supervised: boolean): Promise<number> {
  const { config, file } = loaded;
  const begin = supervised ? await firstMessage() : ALONE;
  const log = createLogger(config.log, systemClock);
  const postern = await startPostern({ config, log, disabled: begin.disabled, supervised });
  survivePolicies(log, () => postern.policies.map((policy) => policy.file));
  const ended = untilStopped(postern, log, supervised);
  if (!begin.again) {
    const { listeners, policies, monitoring } = postern;
    const tookMs = systemClock.elapsed();
    const facts = {
      version: packageVersion(),
      config,
      configFile: file,
      listeners,
      policies,
      metrics: monitoring,
    };
    terminal.print(printable(bannerLines({ ...facts, tookMs, cwd: terminal.cwd }).join('\n')));
  }
  process.send?.({ kind: 'ready' } satisfies ReadyMessage);
  return await ended;
}

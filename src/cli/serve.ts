/**
 * Runs the engine in this process until a signal, or the supervisor, ends it.
 *
 * Callers: cli/commands/start. Resolves with the exit status when everything is closed; rejects
 * when the engine could not start.
 */
import { bannerLines } from '../app/banner.js';
import type { Config } from '../app/config-types.js';
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
import { hearWishes, type Wishes } from './wishes.js';

const ALONE: BeginMessage = { kind: 'begin', disabled: [], again: false, ports: {} };

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

/** Stops when it is wished; resolves with the exit status. */
async function untilStopped(postern: Postern, wishes: Wishes, log: Logger): Promise<number> {
  wishes.onReload(() => {
    postern.reload().catch((error: unknown) => {
      log.error('settings, policies, certificates and users could not be looked at', {
        error: messageOf(error),
      });
    });
  });
  await wishes.stop;
  try {
    await postern.stop();
    return 0;
  } catch (error) {
    log.error('stopping failed', { error: messageOf(error) });
    return 1;
  }
}

/** The configuration with the ports that the process before this one was given. */
function withPorts(config: Config, ports: BeginMessage['ports']): Config {
  const listeners = config.listeners.map((listener) =>
    listener.port === 0 ? { ...listener, port: ports[listener.name] ?? 0 } : listener,
  );
  return { ...config, listeners };
}

async function run(
  { config, file }: LoadedConfig,
  terminal: Terminal,
  { log, wishes, supervised }: { log: Logger; wishes: Wishes; supervised: boolean },
): Promise<number> {
  const begin = supervised ? await firstMessage() : ALONE;
  const settled = withPorts(config, begin.ports);
  const postern = await startPostern({ config: settled, log, disabled: begin.disabled, supervised });
  survivePolicies(log, () => postern.policies.map((policy) => policy.file));
  const ended = untilStopped(postern, wishes, log);
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
  // The supervisor may have ended meanwhile; then there is nobody to tell, and the wish to stop is known.
  const ports = Object.fromEntries(postern.listeners.map(({ name, port }) => [name, port]));
  if (process.connected)
    process.send?.({ kind: 'ready', ports } satisfies ReadyMessage, undefined, {}, () => undefined);
  return await ended;
}

export async function serve(loaded: LoadedConfig, terminal: Terminal, supervised: boolean): Promise<number> {
  const log = createLogger(loaded.config.log, systemClock);
  const wishes = hearWishes(log, supervised);
  try {
    return await run(loaded, terminal, { log, wishes, supervised });
  } finally {
    // Also after a start that failed: the channel to the supervisor would keep this process alive.
    wishes.close();
  }
}

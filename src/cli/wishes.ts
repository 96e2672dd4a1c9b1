/**
 * What signals, and the end of the supervisor, ask of this process.
 *
 * They are heard from the very start, so that one which comes while the engine comes up is a wish
 * and not a sudden death. Terminals and service managers signal the supervisor and this process
 * both, and the supervisor hands its signal on: under one, a repeated signal is no second wish. It
 * is the supervisor that counts then, and kills.
 *
 * Callers: cli/serve.
 */
import type { Logger } from '../core/log.js';

/** Conventional status of a process that ended because it was interrupted twice. */
const INTERRUPTED = 130;

export interface Wishes {
  /** Resolves when this process is to end. */
  readonly stop: Promise<void>;
  /** Has `reload` called at each SIGHUP from now on, and at once when there was one before. */
  onReload(reload: () => void): void;
  /** Lets go of the supervisor; signals have their usual effect again. */
  close(): void;
}

export function hearWishes(log: Logger, supervised: boolean): Wishes {
  let reload: (() => void) | undefined;
  let hungUp = false;
  let stopping = false;
  let resolveStop: () => void = () => undefined;
  const stop = new Promise<void>((resolve) => {
    resolveStop = resolve;
  });
  const ask = (why: string): void => {
    stopping = true;
    log.info('stopping; a second signal ends at once', { why });
    resolveStop();
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (!stopping) ask(name);
    else if (!supervised) process.exit(INTERRUPTED);
  };
  const onHangUp = (): void => {
    if (reload) reload();
    else hungUp = true;
  };
  const onDisconnect = (): void => {
    if (!stopping) ask('the supervisor has ended');
  };
  process
    .on('SIGTERM', onSignal)
    .on('SIGINT', onSignal)
    .on('SIGHUP', onHangUp)
    .on('disconnect', onDisconnect);
  return {
    stop,
    onReload(hear) {
      reload = hear;
      if (hungUp) hear();
    },
    close() {
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangUp);
      process.off('disconnect', onDisconnect);
      if (process.connected) process.disconnect();
    },
  };
}

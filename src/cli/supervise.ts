/**
 * Runs the supervisor in this process until a signal ends it.
 *
 * Callers: cli/commands/start. Resolves with the exit status.
 */
import { createLogger } from '../app/logger.js';
import type { Config } from '../app/config-types.js';
import { blockedReportFile } from '../app/paths.js';
import { Supervisor } from '../app/processes/supervisor.js';
import { systemClock } from '../core/clock.js';

export async function supervise(config: Config): Promise<number> {
  const [, script = '', ...args] = process.argv;
  const supervisor = new Supervisor(
    {
      script,
      args: [...args, '--engine-process'],
      reportFile: blockedReportFile(config),
      disableAfter: config.watchdog.disableAfter,
      windowMs: config.watchdog.window,
      stopMs: config.shutdownTimeout,
    },
    { clock: systemClock, log: createLogger(config.log, systemClock) },
  );
  process.on('SIGTERM', () => {
    supervisor.stop();
  });
  process.on('SIGINT', () => {
    supervisor.stop();
  });
  process.on('SIGHUP', () => {
    supervisor.signal('SIGHUP');
  });
  return await supervisor.run();
}

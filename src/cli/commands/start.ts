/**
 * `postern start`: the server.
 *
 * With workers it is a supervisor that starts this same command once more as the engine process;
 * with `workers: 0` the engine runs in this process. SIGTERM and SIGINT end it in good order,
 * a second one at once; SIGHUP looks at settings, policies, certificates and users
 * anew.
 */
import { type Command, Option } from 'commander';
import { type LoadedConfig, loadConfig } from '../../app/load-config.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import type { ExitCode } from '../exit-codes.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';

interface StartOptions extends ConfigOptions {
  readonly engineProcess?: true;
}

/** Only what the process will be is loaded: the supervisor stays small, and the engine begins sooner. */
async function start(options: StartOptions, frame: Frame): Promise<void> {
  const loaded: LoadedConfig = loadConfig(loadOptions(options, frame.terminal));
  // A log that is full, a pipe or a terminal that has gone must not end the mail.
  frame.terminal.outliveReaders();
  let status: number;
  if (options.engineProcess === true || loaded.config.workers === 0) {
    const { serve } = await import('../serve.js');
    status = await serve(loaded, frame.terminal, options.engineProcess === true);
  } else {
    const { supervise } = await import('../supervise.js');
    status = await supervise(loaded.config);
  }
  frame.end(
    status === 0 ? EXIT.ok : ((status === EXIT.internal ? EXIT.internal : EXIT.findings) satisfies ExitCode),
  );
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .addOption(new Option('--engine-process', 'set by the supervisor').hideHelp())
    .action((options: StartOptions) => start(options, frame));
}

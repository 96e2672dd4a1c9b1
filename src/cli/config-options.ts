/**
 * The options that every command which reads the configuration shares.
 *
 * Paths on the command line count from the folder in which the command was given, as everywhere in
 * a shell; paths in the file count from the file.
 *
 * Callers: cli/commands.
 */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Override } from '../app/config-environment.js';
import type { LoadOptions } from '../app/load-config.js';
import type { Terminal } from './frame.js';

/** As commander hands them to an action. */
export interface ConfigOptions {
  readonly config?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly set?: readonly Override[];
}

function collectSet(text: string, before: readonly Override[] | undefined): readonly Override[] {
  const cut = text.indexOf('=');
  if (cut < 1) throw new InvalidArgumentError('Give it as key=value, for example --set log.level=debug.');
  const key = text.slice(0, cut);
  return [...(before ?? []), { key, value: text.slice(cut + 1), name: '--set' }];
}

/** Adds `--config`, `--port`, `--data-dir` and `--set` to a command. */
export function addConfigOptions(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'configuration file (default: POSTERN_CONFIG, else postern.yaml if it is there)',
    )
    .option('--port <number>', 'port of the first listener')
    .option('--data-dir <folder>', 'folder for queue, spool and traces')
    .option('--set <key=value>', 'any setting, may be given again: --set log.level=debug', collectSet);
}

/** What `loadConfig` needs to honour those options. */
export function loadOptions(options: ConfigOptions, terminal: Terminal): LoadOptions {
  const overrides: Override[] = [...(options.set ?? [])];
  if (options.port !== undefined)
    overrides.push({ key: 'listeners[0].port', value: options.port, name: '--port' });
  if (options.dataDir !== undefined) {
    overrides.push({ key: 'dataDir', value: resolve(terminal.cwd, options.dataDir), name: '--data-dir' });
  }
  const base: LoadOptions = { cwd: terminal.cwd, environment: terminal.environment, overrides };
  return options.config === undefined ? base : { ...base, file: options.config };
}

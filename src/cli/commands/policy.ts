/**
 * `postern policy list`: the policies that would run, their files, events and order.
 *
 * Loads the files as a start would, runs nothing of them, and tells what does not load.
 */
import { type Command, Option } from 'commander';
import { loadOptionsOf } from '../../app/compose-policies.js';
import { loadConfig } from '../../app/load-config.js';
import { loadPolicies } from '../../hooks/load.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import type { Frame } from '../frame.js';
import { formatTable } from '../text-table.js';

interface ListOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

async function list(options: ListOptions, { terminal }: Frame): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const { policies } = await loadPolicies(loadOptionsOf(config));
  const rows = policies.map(({ name, file, events, onFailure }) => ({
    name,
    events: [...events],
    onFailure: onFailure ?? config.onPolicyFailure,
    file,
  }));
  if (options.output === 'json') {
    terminal.print(JSON.stringify(rows, null, 2));
    return;
  }
  const cells = rows.map((row) => [row.name, row.events.join(' '), row.onFailure, row.file]);
  terminal.print(formatTable([['POLICY', 'EVENTS', 'ON FAILURE', 'FILE'], ...cells]));
}

export function defineCommand(command: Command, frame: Frame): void {
  const listing = command.command('list').description('show the loaded policies with their events');
  addConfigOptions(listing)
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((options: ListOptions) => list(options, frame));
}

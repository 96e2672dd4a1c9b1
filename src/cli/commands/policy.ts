/**
 * `postern policy list`: the policies that would run, their files, events and order.
 *
 * Loads the files as a start would, runs nothing of them, and tells what does not load.
 */
import { type Command, Option } from 'commander';
import { loadOptionsOf } from '../../app/live-policies.js';
import type { Config } from '../../app/config-types.js';
import { loadConfig } from '../../app/load-config.js';
import { loadPolicies } from '../../hooks/load.js';
import type { PolicySet } from '../../hooks/policy-set.js';
import { EVENT_NAMES } from '../../hooks/table/index.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import type { Frame } from '../frame.js';
import { printable } from '../report-error.js';
import { formatTable } from '../text-table.js';

interface ListOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

interface HandlerRow {
  readonly event: string;
  /** Place among all handlers of the event, from 1. */
  readonly place: number;
  readonly order: string;
  readonly timeoutMs: number;
}

function handlersOf(name: string, { handlers }: PolicySet, config: Config): readonly HandlerRow[] {
  return EVENT_NAMES.flatMap((event) =>
    handlers[event].flatMap(({ policy, order, timeoutMs }, i) =>
      policy.name === name
        ? [{ event, place: i + 1, order, timeoutMs: timeoutMs ?? config.policyTimeout }]
        : [],
    ),
  );
}

/** `onMailFrom  1 early (pre)  2 blocked-senders`: who is asked after whom. */
function orderLines({ handlers }: PolicySet): readonly string[] {
  return EVENT_NAMES.filter((event) => handlers[event].length > 0).map((event) => {
    const names = handlers[event].map(
      ({ policy, order }, i) => `${i + 1} ${policy.name}${order === 'normal' ? '' : ` (${order})`}`,
    );
    return `${event.padEnd(27)}  ${names.join('  ')}`;
  });
}

async function list(options: ListOptions, { terminal }: Frame): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const set = await loadPolicies(loadOptionsOf(config));
  const rows = set.policies.map(({ name, file, events, onFailure }) => ({
    name,
    events: [...events],
    onFailure: onFailure ?? config.onPolicyFailure,
    file,
    handlers: handlersOf(name, set, config),
  }));
  if (options.output === 'json') {
    terminal.print(JSON.stringify(rows, null, 2));
    return;
  }
  const cells = rows.map((row) => [row.name, row.events.join(' '), row.onFailure, row.file]);
  const table = formatTable([['POLICY', 'EVENTS', 'ON FAILURE', 'FILE'], ...cells]);
  terminal.print(
    printable([table, '', 'In each event they are asked in this order:', ...orderLines(set)].join('\n')),
  );
}

export function defineCommand(command: Command, frame: Frame): void {
  const listing = command.command('list').description('show the loaded policies with their events');
  addConfigOptions(listing)
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((options: ListOptions) => list(options, frame));
}

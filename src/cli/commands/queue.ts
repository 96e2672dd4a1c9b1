/**
 * `postern queue list` and `postern queue check`: what waits, and whether all of it is in order.
 *
 * Both only read, beside a running server or without one. `check` proves that each message is in
 * exactly one state with a moment at which something happens to it; exit status 1 when not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { queueDir } from '../../app/paths.js';
import { systemClock } from '../../core/clock.js';
import { createFactBus } from '../../core/facts.js';
import { silentLogger } from '../../core/log.js';
import type { QueueCheck } from '../../queue/check.js';
import { openQueue } from '../../queue/open.js';
import type { Queue } from '../../queue/queue.js';
import type { EntrySummary } from '../../queue/store.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { printable } from '../report-error.js';
import { formatTable } from '../text-table.js';

interface OutputOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

/** Runs `work` on the queue of the configuration; undefined when there has never been one. */
async function withQueue<T>(
  options: ConfigOptions,
  frame: Frame,
  work: (queue: Queue) => Promise<T>,
): Promise<T | undefined> {
  const { config } = loadConfig(loadOptions(options, frame.terminal));
  const dir = queueDir(config);
  // Looking must not make a queue where none is.
  if (!existsSync(join(dir, 'queue.db'))) return undefined;
  const facts = createFactBus(() => undefined);
  const queue = await openQueue({
    dir,
    clock: systemClock,
    facts,
    log: silentLogger,
    readOnly: true,
    inline: true,
  });
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function row({ queueId, state, sender, size, recipients, receivedAt, at, reason }: EntrySummary): string[] {
  const to = recipients?.map(
    (one) => `${one.address} (${one.state}${one.lastReason ? `: ${one.lastReason}` : ''})`,
  ) ?? ['?'];
  return [queueId, state, time(receivedAt), time(at), String(size), `<${sender}>`, to.join(', '), reason];
}

const PAGE = 1000;

async function allEntries(queue: Queue): Promise<readonly EntrySummary[]> {
  const entries: EntrySummary[] = [];
  for (;;) {
    const page = await queue.list({ limit: PAGE, after: entries.at(-1)?.queueId ?? '' });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

async function list(options: OutputOptions, frame: Frame): Promise<void> {
  const entries = (await withQueue(options, frame, allEntries)) ?? [];
  if (options.output === 'json') {
    frame.terminal.print(JSON.stringify(entries, null, 2));
    return;
  }
  if (entries.length === 0) {
    frame.terminal.print('the queue is empty');
    return;
  }
  const head = ['QUEUE ID', 'STATE', 'RECEIVED', 'NEXT', 'OCTETS', 'FROM', 'TO', 'REASON'];
  frame.terminal.print(printable(formatTable([head, ...entries.map(row)])));
}

const NOTHING: QueueCheck = {
  status: 'ok',
  counts: { waiting: 0, 'in-flight': 0, held: 0, parked: 0 },
  overdue: 0,
  faults: [],
};

async function check(options: OutputOptions, frame: Frame): Promise<void> {
  const report = (await withQueue(options, frame, (queue) => queue.check())) ?? NOTHING;
  if (report.status === 'broken') frame.end(EXIT.findings);
  if (options.output === 'json') {
    frame.terminal.print(JSON.stringify(report, null, 2));
    return;
  }
  const counts = Object.entries(report.counts).map(([state, count]) => `${count} ${state}`);
  const faults = report.faults.map((fault) => `  ${JSON.stringify(fault)}`);
  const summary = `${report.status}: ${counts.join(', ')}; ${report.overdue} overdue`;
  frame.terminal.print(printable([summary, ...faults].join('\n')));
}

function outputOption(): Option {
  return new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text');
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command.command('list').description('show the messages that wait, and the parked ones'))
    .addOption(outputOption())
    .action((options: OutputOptions) => list(options, frame));
  addConfigOptions(command.command('check').description('prove that each message is in exactly one state'))
    .addOption(outputOption())
    .action((options: OutputOptions) => check(options, frame));
}

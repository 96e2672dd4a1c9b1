/**
 * `postern check`: everything that would keep Postern from working, found before it starts.
 *
 * First the configuration, where all mistakes are told at once with file and line; then what it
 * relies on. Exit status 1 when there is an error, with --strict also for a warning.
 */
import { type Command, Option } from 'commander';
import { createCheckSteps, runChecks } from '../../app/check.js';
import type { CheckReport, Finding } from '../../app/check-step.js';
import { loadConfig } from '../../app/load-config.js';
import { openResolver } from '../../app/open-resolver.js';
import { systemClock } from '../../core/clock.js';
import { probeNextHop } from '../../delivery/smtp/probe.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { probePort } from '../probe-port.js';
import { printable } from '../report-error.js';

interface CheckOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
  readonly strict?: true;
}

const WIDTH = 16;

function stepLines({ step, findings }: CheckReport): readonly string[] {
  if (findings.length === 0) return [`${step.padEnd(WIDTH)}  ok`];
  return findings.flatMap((finding) => [
    `${step.padEnd(WIDTH)}  ${finding.severity}: ${finding.message}`,
    `${' '.repeat(WIDTH)}    what to do: ${finding.hint}`,
  ]);
}

function count(findings: readonly Finding[], severity: Finding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

async function check(options: CheckOptions, { terminal, end }: Frame): Promise<void> {
  const loaded = loadConfig(loadOptions(options, terminal));
  const steps = createCheckSteps({
    probePort,
    openResolver: (config) => openResolver(config, systemClock),
    probeNextHop: (hop) => probeNextHop({ ...hop, clock: systemClock }),
  });
  const reports = [{ step: 'configuration', findings: [] }, ...(await runChecks(loaded.config, steps))];
  const findings = reports.flatMap((report) => report.findings);
  const errors = count(findings, 'error');
  const warnings = count(findings, 'warning');
  if (errors > 0 || (options.strict && warnings > 0)) end(EXIT.findings);
  if (options.output === 'json') {
    terminal.print(JSON.stringify({ file: loaded.file ?? null, errors, warnings, reports }, null, 2));
    return;
  }
  const head = `checking ${loaded.file ?? 'the defaults (no configuration file)'}`;
  terminal.print(
    printable([head, ...reports.flatMap(stepLines), `${errors} errors, ${warnings} warnings`].join('\n')),
  );
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .option('--strict', 'exit with 1 for warnings as well')
    .action((options: CheckOptions) => check(options, frame));
}

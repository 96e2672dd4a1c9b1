/**
 * `postern mx <domain|address>`: could an answer to a sender be delivered, and how DNS has it.
 *
 * The check is the one that policies call with checkSenderMX.
 */
import { type Command, Option } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { openResolver } from '../../app/open-resolver.js';
import { checkSenderMx, type SenderMxOutcome, type SenderMxStatus } from '../../checks/sender-mx.js';
import { systemClock } from '../../core/clock.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { printable } from '../report-error.js';

interface MxOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

/** What a receiver may refuse, or cannot make up its mind about. */
const FINDINGS: ReadonlySet<SenderMxStatus> = new Set(['Fail', 'Error']);

/** `user@example.org`, `<user@example.org>`, `example.org`, or nothing between the brackets: the null sender. */
function domainOf(sender: string): string {
  const address = sender.trim().replace(/^<(.*)>$/, '$1');
  return address.slice(address.lastIndexOf('@') + 1);
}

function inText(domain: string, { status, explanation, hosts, evidence }: SenderMxOutcome): string {
  const said = explanation === '' ? `${domain} takes mail` : explanation;
  return printable(
    [
      `${status}: ${said}`,
      ...hosts.map((host) => `  host     ${host}`),
      ...evidence.map((line) => `  asked    ${line}`),
    ].join('\n'),
  );
}

async function mx(sender: string, options: MxOptions, { terminal, end }: Frame): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const resolver = openResolver(config, systemClock);
  const domain = domainOf(sender);
  try {
    const outcome = await checkSenderMx({ resolver }, { domain });
    terminal.print(
      options.output === 'json' ? JSON.stringify({ domain, ...outcome }, null, 2) : inText(domain, outcome),
    );
    if (FINDINGS.has(outcome.status)) end(EXIT.findings);
  } finally {
    resolver.close();
  }
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<sender>', 'domain or address of the sender, such as example.org')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((sender: string, options: MxOptions) => mx(sender, options, frame));
}

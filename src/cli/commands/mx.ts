/**
 * `postern mx <domain|address>`: could an answer to a sender be delivered, and how DNS has it.
 *
 * The check is the one that policies call with checkSenderMX.
 */
import { type Command, Option } from 'commander';
import { checkSenderMx, type SenderMxOutcome, type SenderMxStatus } from '../../checks/sender-mx.js';
import { addConfigOptions, type ConfigOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint, printable } from '../report-error.js';
import { withResolver } from '../with-resolver.js';

interface MxOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

/** What a receiver may refuse, or cannot make up its mind about. */
const FINDINGS: ReadonlySet<SenderMxStatus> = new Set(['Fail', 'Error']);

/**
 * `user@example.org`, `<user@example.org>`, `example.org`, or nothing between the brackets: the null
 * sender. Undefined for what cannot be one of these.
 */
function domainOf(sender: string): string | undefined {
  const address = sender.trim().replace(/^<(.*)>$/, '$1');
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (address === '' || domain.startsWith('[')) return domain;
  const isName = domain
    .replace(/\.$/, '')
    .split('.')
    .every((label) => /^[^\s<>]+$/.test(label));
  return isName ? domain : undefined;
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

async function mx(sender: string, options: MxOptions, frame: Frame): Promise<void> {
  const { terminal, end } = frame;
  const domain = domainOf(sender);
  if (domain === undefined) {
    const hint = 'Give one, such as example.org or you@example.org.';
    terminal.complain(complaint(`"${printable(sender)}" is no domain and no address`, hint));
    end(EXIT.usage);
    return;
  }
  await withResolver(options, frame, async (resolver) => {
    const outcome = await checkSenderMx({ resolver }, { domain });
    terminal.print(
      options.output === 'json' ? JSON.stringify({ domain, ...outcome }, null, 2) : inText(domain, outcome),
    );
    if (FINDINGS.has(outcome.status)) end(EXIT.findings);
  });
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<sender>', 'domain or address of the sender, such as example.org')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((sender: string, options: MxOptions) => mx(sender, options, frame));
}

/**
 * `postern spf <ip> [sender]`: what SPF says about a client, and which answers of DNS that rests on.
 *
 * The check is the one that policies call with checkSPF. Without a sender the EHLO name is checked,
 * as for messages that nobody is to answer.
 */
import { type Command, Option } from 'commander';
import { checkSpf, type SpfOutcome, type SpfStatus } from '../../checks/spf.js';
import { systemClock } from '../../core/clock.js';
import { parseIpAddress } from '../../dns/ip-address.js';
import { addConfigOptions, type ConfigOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint, printable } from '../report-error.js';
import { withResolver } from '../with-resolver.js';

interface SpfOptions extends ConfigOptions {
  readonly ip?: string;
  readonly from?: string;
  readonly helo?: string;
  readonly output: 'text' | 'json';
}

/** What a receiver may refuse, or cannot make up its mind about. */
const FINDINGS: ReadonlySet<SpfStatus> = new Set(['Fail', 'PermError', 'TempError']);

async function spf(ip: string, from: string, options: SpfOptions, frame: Frame): Promise<void> {
  const { terminal, end } = frame;
  const helo = options.helo ?? '';
  const lack =
    parseIpAddress(ip) === undefined
      ? complaint(`"${printable(ip)}" is no IPv4 or IPv6 address`, 'Give one address, such as 192.0.2.1.')
      : from === '' && helo === ''
        ? complaint('there is no sender and no EHLO name', 'Add an address, or --helo and a name.')
        : undefined;
  if (lack !== undefined) {
    terminal.complain(lack);
    end(EXIT.usage);
    return;
  }
  await withResolver(options, frame, async (resolver, { hostname }) => {
    const deps = { resolver, clock: systemClock };
    const outcome = await checkSpf(deps, { ip, helo, mailFrom: from, receiver: hostname });
    terminal.print(options.output === 'json' ? JSON.stringify(outcome, null, 2) : inText(outcome));
    if (FINDINGS.has(outcome.status)) end(EXIT.findings);
  });
}

function inText({ status, explanation, identity, domain, lookups, evidence }: SpfOutcome): string {
  const whose = identity === 'helo' ? 'EHLO name' : 'sender';
  return [
    `${status}: ${explanation}`,
    `  checked  ${domain} (${whose})`,
    `  limits   ${lookups.terms} of 10 terms asked DNS, ${lookups.empty} of 2 in vain`,
    ...evidence.map((line) => `  asked    ${line}`),
  ].join('\n');
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('[ip]', 'address of the client')
    .argument('[sender]', 'address it gives with MAIL FROM; without one its EHLO name is checked')
    .option('--ip <ip>', 'the same as the first argument')
    .option('--from <sender>', 'the same as the second argument')
    .option('--helo <name>', 'name it gives with EHLO')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((ip: string | undefined, from: string | undefined, options: SpfOptions) => {
      // With --ip the first argument, if there is one, is the sender.
      const named = [...(options.ip === undefined ? [] : [ip]), from, options.from];
      const senders = named.filter((one) => one !== undefined);
      if (senders.length > 1) {
        const hint = 'Give one client and one sender; --ip and --from stand for the arguments.';
        frame.terminal.complain(complaint('there is more than one sender', hint));
        frame.end(EXIT.usage);
        return undefined;
      }
      // As a client writes it, and as it stands in a log.
      const sender = (senders[0] ?? '').trim().replace(/^<(.*)>$/, '$1');
      return spf(options.ip ?? ip ?? '', sender, options, frame);
    });
}

/**
 * `postern dnsbl <ip>`: on which of many block lists is an address.
 *
 * An operator's one-off look. "not confirmed" means that the list did not say "listed": it may
 * not list the address, or not have answered. Decisions about mail use checkDNSBL instead.
 */
import type { Command } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { dnsServers } from '../../app/open-resolver.js';
import { sweepDnsbls } from '../../checks/dnsbl-sweep.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint } from '../report-error.js';
import { formatTable } from '../text-table.js';

async function sweep(
  ip: string,
  lists: readonly string[],
  options: ConfigOptions,
  { terminal, end }: Frame,
): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const outcome = await sweepDnsbls({
    ip,
    lists,
    servers: dnsServers(config),
    timeoutMs: config.dns.timeout,
  });
  if (outcome.status === 'badAddress') {
    terminal.complain(
      complaint(`"${ip}" is no IPv4 or IPv6 address`, 'Give one address, such as 192.0.2.1.'),
    );
    end(EXIT.usage);
    return;
  }
  terminal.print(formatTable([['LIST', 'RESULT'], ...outcome.rows.map(({ list, label }) => [list, label])]));
  if (outcome.rows.some((row) => row.label === 'listed')) end(EXIT.findings);
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<ip>', 'address to look for')
    .argument('<list...>', 'zones of the block lists, such as zen.example.org')
    .action((ip: string, lists: string[], options: ConfigOptions) => sweep(ip, lists, options, frame));
}

/**
 * `postern dnsbl <ip> [list...]`: on which of many block lists is an address.
 *
 * An operator's one-off look, unconfirmed in both directions: "listed" may be a list that refuses
 * the question, "not confirmed" a list that did not answer. With --health each list is also asked
 * for the entries that every list must have. Decisions about mail use checkDNSBL instead.
 */
import { type Command, Option } from 'commander';
import type { Config } from '../../app/config-types.js';
import { loadConfig } from '../../app/load-config.js';
import { dnsServers, openResolver } from '../../app/open-resolver.js';
import { WELL_KNOWN_LISTS } from '../../checks/dnsbl-lists.js';
import { type DnsblHealthOutcome, probeDnsbl } from '../../checks/dnsbl-probe.js';
import { type SweepRow, sweepDnsbls } from '../../checks/dnsbl-sweep.js';
import { systemClock } from '../../core/clock.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint, printable } from '../report-error.js';
import { formatTable } from '../text-table.js';

interface DnsblOptions extends ConfigOptions {
  readonly health?: boolean;
  readonly output: 'text' | 'json';
}

const NOTE = 'unconfirmed: one quick question a list; a list that fails or refuses looks like either answer';

/** The health of each list; empty when nobody asked for it. */
async function probeAll(lists: readonly string[], config: Config): Promise<readonly DnsblHealthOutcome[]> {
  const resolver = openResolver(config, systemClock);
  try {
    return await Promise.all(lists.map((zone) => probeDnsbl({ resolver, clock: systemClock }, { zone })));
  } finally {
    resolver.close();
  }
}

function inText(rows: readonly SweepRow[], health: readonly DnsblHealthOutcome[]): string {
  const hasHealth = health.length > 0;
  const cells = rows.map(({ list, label }, index) => {
    const one = health[index];
    const told = one && (one.explanation === '' ? one.status : `${one.status}: ${one.explanation}`);
    return [list, label, ...(hasHealth ? [told ?? ''] : [])];
  });
  const head = ['LIST', 'RESULT', ...(hasHealth ? ['HEALTH'] : [])];
  return printable([formatTable([head, ...cells]), '', `(${NOTE})`].join('\n'));
}

function inJson(ip: string, rows: readonly SweepRow[], health: readonly DnsblHealthOutcome[]): string {
  const lists = rows.map(({ list, label }, index) => {
    const one = health[index];
    return { list, result: label, ...(one ? { health: one.status, evidence: one.evidence } : {}) };
  });
  return JSON.stringify({ ip, confirmed: false, lists }, null, 2);
}

async function sweep(
  ip: string,
  named: readonly string[],
  options: DnsblOptions,
  { terminal, end }: Frame,
): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const lists = named.length > 0 ? named : WELL_KNOWN_LISTS;
  const outcome = await sweepDnsbls({
    ip,
    lists,
    servers: dnsServers(config),
    timeoutMs: config.dns.timeout,
  });
  if (outcome.status === 'badAddress') {
    terminal.complain(
      complaint(`"${printable(ip)}" is no IPv4 or IPv6 address`, 'Give one address, such as 192.0.2.1.'),
    );
    end(EXIT.usage);
    return;
  }
  const { rows } = outcome;
  const health = options.health ? await probeAll(lists, config) : [];
  terminal.print(options.output === 'json' ? inJson(ip, rows, health) : inText(rows, health));
  const isFinding =
    rows.some(({ label }) => label === 'listed') || health.some(({ status }) => status !== 'healthy');
  if (isFinding) end(EXIT.findings);
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<ip>', 'address to look for')
    .argument('[list...]', 'zones of the block lists, such as zen.example.org; without any, well-known ones')
    .option('--health', 'also ask each list for the test entries that every list must have')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((ip: string, lists: string[], options: DnsblOptions) => sweep(ip, lists, options, frame));
}

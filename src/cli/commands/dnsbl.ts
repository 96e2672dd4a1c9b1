/**
 * `postern dnsbl <ip> [list...]`: on which of many block lists is an address.
 *
 * An operator's one-off look, unconfirmed in both directions: "listed" may be a list that refuses
 * the question, "not confirmed" a list that did not answer. What is called listed is asked again by the
 * check of checkDNSBL, which decides about mail, and its codes and answers are shown. With --health
 * each list is also asked for the entries that every list must have.
 */
import { type Command, Option } from 'commander';
import type { Config } from '../../app/config-types.js';
import { loadConfig } from '../../app/load-config.js';
import { dnsServers, openResolver } from '../../app/open-resolver.js';
import { checkDnsbl, type DnsblOutcome, listName } from '../../checks/dnsbl.js';
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

/** What our own check finds where the sweep says listed. */
async function confirmListed(
  ip: string,
  rows: readonly SweepRow[],
  config: Config,
): Promise<readonly DnsblOutcome[]> {
  const resolver = openResolver(config, systemClock);
  try {
    const listed = rows.filter(({ label }) => label === 'listed');
    const deps = { resolver, clock: systemClock };
    return await Promise.all(listed.map(({ list }) => checkDnsbl(deps, { ip, zone: list })));
  } finally {
    resolver.close();
  }
}

function checkedLines({ zone, status, codes, explanation, evidence }: DnsblOutcome): readonly string[] {
  const said = [codes.join(' '), explanation].filter((part) => part !== '').join(': ');
  const head = said === '' ? `${zone}: ${status}` : `${zone}: ${status}, ${said}`;
  return [head, ...evidence.map((line) => `  asked    ${line}`)];
}

/** Whether it can be a list: a name of DNS without empty labels. */
function isZone(zone: string): boolean {
  return (
    listName(zone)
      ?.split('.')
      .every((label) => label !== '' && label.length < 64) ?? false
  );
}

interface Found {
  readonly rows: readonly SweepRow[];
  readonly health: readonly DnsblHealthOutcome[];
  readonly checked: readonly DnsblOutcome[];
}

function inText({ rows, health, checked }: Found): string {
  const hasHealth = health.length > 0;
  const cells = rows.map(({ list, label }, index) => {
    const one = health[index];
    const told = one && (one.explanation === '' ? one.status : `${one.status}: ${one.explanation}`);
    return [list, label, ...(hasHealth ? [told ?? ''] : [])];
  });
  const head = ['LIST', 'RESULT', ...(hasHealth ? ['HEALTH'] : [])];
  const table = formatTable([head, ...cells]);
  const again = checked.length === 0 ? [] : ['', 'asked again:', ...checked.flatMap(checkedLines)];
  return printable([table, ...again, '', `(${NOTE})`].join('\n'));
}

function inJson(ip: string, { rows, health, checked }: Found): string {
  const lists = rows.map(({ list, label }, index) => {
    const one = health[index];
    const own = checked.find(({ zone }) => zone === listName(list));
    const found = own ? { checked: own } : {};
    return { list, result: label, ...found, ...(one ? { health: one.status, evidence: one.evidence } : {}) };
  });
  return JSON.stringify({ ip, confirmed: false, lists }, null, 2);
}

async function sweep(
  ip: string,
  named: readonly string[],
  options: DnsblOptions,
  { terminal, end }: Frame,
): Promise<void> {
  const strange = named.find((zone) => !isZone(zone));
  if (strange !== undefined) {
    const hint = 'Give the zone of a list, such as zen.example.org.';
    terminal.complain(complaint(`"${printable(strange)}" is no name of a list`, hint));
    end(EXIT.usage);
    return;
  }
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
  const found = { rows, health, checked: await confirmListed(ip, rows, config) };
  terminal.print(options.output === 'json' ? inJson(ip, found) : inText(found));
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

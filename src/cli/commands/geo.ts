/**
 * `postern geo <ip>`: which country and whose network an address belongs to, and which database
 * says so.
 *
 * Reads the files that geoip.country and geoip.asn name, anew at each call, so that a file can be
 * tried before or while the server uses it. One database alone is enough.
 */
import { type Command, Option } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { type GeoFileFacts, type Opening, openAsnFile, openGeoFile } from '../../checks/geo-ip-reader.js';
import { parseIpAddress } from '../../dns/ip-address.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame, Terminal } from '../frame.js';
import { complaint, printable } from '../report-error.js';

interface GeoOptions extends ConfigOptions {
  readonly output: 'text' | 'json';
}

/** What one database says. */
interface Finding {
  readonly setting: string;
  readonly file: string;
  readonly type: string;
  /** ISO 8601; empty when the file does not say. */
  readonly builtAt: string;
  readonly status: 'found' | 'unknown' | 'damaged';
  /** What checkGeoIp makes of it. */
  readonly found: object | undefined;
  /** The record as its publisher wrote it. */
  readonly record: unknown;
}

interface Source {
  readonly setting: string;
  readonly path: string;
  readonly open: (path: string) => Promise<Opening<Asked>>;
}

interface Asked {
  readonly about: GeoFileFacts;
  lookup(ip: string): object | undefined;
  record(ip: string): unknown;
}

/** Longest record shown in a line of text; the JSON has all of it. */
const LONGEST_RECORD = 600;

/** JSON has no whole numbers beyond 2^53; some databases do. */
function toJson(value: unknown, indent?: number): string {
  const plain = (_: string, one: unknown): unknown => (typeof one === 'bigint' ? one.toString() : one);
  return JSON.stringify(value, plain, indent);
}

async function ask(
  { setting, path, open }: Source,
  ip: string,
  terminal: Terminal,
): Promise<Finding | undefined> {
  const opening = await open(path);
  if (opening.status === 'failed') {
    const hint = `Exchange the file, or name another one in ${setting}.`;
    terminal.complain(complaint(`${path} (${setting}) cannot be used: ${opening.reason}`, hint));
    return undefined;
  }
  const { about } = opening.file;
  const found = opening.file.lookup(ip);
  const damage = found !== undefined && 'damage' in found;
  if (damage) {
    const hint = 'Get the file again from its publisher.';
    terminal.complain(complaint(`${path} (${setting}) is damaged: ${String(found.damage)}`, hint));
  }
  return {
    setting,
    file: path,
    type: about.type,
    builtAt: Number.isFinite(about.builtAt) ? new Date(about.builtAt).toISOString() : '',
    status: damage ? 'damaged' : found === undefined ? 'unknown' : 'found',
    found: damage ? undefined : found,
    record: damage ? undefined : opening.file.record(ip),
  };
}

function wordsOf({ status, found }: Finding): string {
  if (found === undefined) return status;
  const {
    country = '',
    continent = '',
    asn = 0,
    organization = '',
    prefixLength = 0,
  } = found as Partial<
    Record<'country' | 'continent' | 'organization', string> & Record<'asn' | 'prefixLength', number>
  >;
  const words =
    country === ''
      ? [`AS${asn}`, organization]
      : [country, continent === '' ? '' : `(continent ${continent})`];
  return [...words, `in a /${prefixLength}`].filter((word) => word !== '').join(' ');
}

function inText(ip: string, findings: readonly Finding[]): string {
  const lines = findings.flatMap((finding) => {
    const { setting, file, type, builtAt, record } = finding;
    const raw = toJson(record ?? null);
    const shown = raw.length > LONGEST_RECORD ? `${raw.slice(0, LONGEST_RECORD)}...` : raw;
    return [
      `${ip}: ${wordsOf(finding)}`,
      `  database  ${file} (${setting})`,
      `  type      ${type}, built ${builtAt === '' ? 'at an unknown time' : builtAt}`,
      `  record    ${record === undefined ? 'none' : shown}`,
    ];
  });
  return printable(lines.join('\n'));
}

async function geo(ip: string, options: GeoOptions, { terminal, end }: Frame): Promise<void> {
  if (parseIpAddress(ip) === undefined) {
    terminal.complain(
      complaint(`"${ip}" is no IPv4 or IPv6 address`, 'Give one address, such as 192.0.2.1.'),
    );
    end(EXIT.usage);
    return;
  }
  const { geoip } = loadConfig(loadOptions(options, terminal)).config;
  const sources: readonly Source[] = [
    { setting: 'geoip.country', path: geoip.country, open: openGeoFile },
    { setting: 'geoip.asn', path: geoip.asn, open: openAsnFile },
  ];
  const named = sources.filter(({ path }) => path !== '');
  if (named.length === 0) {
    const hint = 'Name a file in MaxMind format in geoip.country, in geoip.asn, or in both.';
    terminal.complain(complaint('no GeoIP database is set', hint));
    end(EXIT.findings);
    return;
  }
  const findings: Finding[] = [];
  for (const source of named) {
    const finding = await ask(source, ip, terminal);
    if (finding) findings.push(finding);
  }
  if (options.output === 'json') terminal.print(toJson({ ip, databases: findings }, 2));
  else if (findings.length > 0) terminal.print(inText(ip, findings));
  const isAllFound = findings.length === named.length && findings.every(({ status }) => status === 'found');
  if (!isAllFound) end(EXIT.findings);
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<ip>', 'address to look for')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((ip: string, options: GeoOptions) => geo(ip, options, frame));
}

/**
 * OpenDKIM in its test mode: one start signs or verifies any number of messages from files.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from '../../helpers/real-parts.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import type { KeyRecords } from './dkimpy.js';

export const OPENDKIM: string | undefined = requireProgram('opendkim', 'opendkim');

function run(settings: readonly string[], messages: readonly string[], folder: string): Promise<string> {
  const config = join(folder, 'opendkim.conf');
  writeFileSync(config, [...settings, 'Syslog no', ''].join('\n'));
  const files = messages.map((message, at) => {
    const file = join(folder, `m${at}.eml`);
    writeFileSync(file, message, 'latin1');
    return file;
  });
  return new Promise((resolve) => {
    const args = ['-x', config, '-t', files.join(',')];
    const bounds = { maxBuffer: 1 << 24, encoding: 'latin1' } as const;
    // It exits with a code of its own for a message that does not verify.
    execFile(OPENDKIM ?? '', args, bounds, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

/** What it says of each file, in order. */
function perFile(said: string, folder: string, count: number): readonly string[] {
  const found = Array.from({ length: count }, () => '');
  let at = -1;
  for (const line of said.split('\n')) {
    const named = line.split(`${folder}/m`)[1];
    const number = named === undefined ? undefined : /^(\d+)\.eml:/.exec(named)?.[1];
    if (number !== undefined) at = Number(number);
    if (at >= 0) found[at] += `${line.replace(/^opendkim: [^:]*: ?/, '')}\n`;
  }
  return found;
}

export interface OpenDkimSigner {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly key: string;
  readonly form: string;
  readonly more?: readonly string[];
}

/** The DKIM-Signature of each message with its CRLF. */
export async function opendkimSign(
  messages: readonly string[],
  { domain, selector, key, form, more = [] }: OpenDkimSigner,
): Promise<readonly string[]> {
  const folder = tempFolder();
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const settings = [
    ...['Mode s', `Domain ${domain}`, `Selector ${selector}`, `KeyFile ${keyFile}`],
    ...[`Canonicalization ${form}`, 'InternalHosts 0.0.0.0/0', 'RequireSafeKeys no', ...more],
  ];
  const said = await run(settings, messages, folder);
  return perFile(said, folder, messages.length).map((text) => {
    const field = /DKIM-Signature:[^\n]*(?:\n[ \t][^\n]*)*/.exec(text)?.[0];
    if (field === undefined) throw new Error(`OpenDKIM signed nothing: ${said.slice(0, 2000)}`);
    return `${field.replace(/\r*\n/g, '\r\n').trimEnd()}\r\n`;
  });
}

/**
 * `pass`, `unsigned`, or its own words, for each message; nothing where it gave no verdict. It ends at the
 * first message that it would have the server refuse, so it is started again for those behind.
 */
export async function opendkimVerify(
  messages: readonly string[],
  keys: KeyRecords,
): Promise<readonly string[]> {
  const folder = tempFolder();
  const zone = join(folder, 'keys');
  writeFileSync(
    zone,
    Object.entries(keys)
      .map(([name, text]) => `${name} ${text}\n`)
      .join(''),
  );
  const verdicts: string[] = [];
  while (verdicts.length < messages.length) {
    const left = messages.slice(verdicts.length);
    const said = perFile(
      await run(['Mode v', `TestDNSData file:${zone}`], left, folder),
      folder,
      left.length,
    );
    const answered = said.findLastIndex((text) => text !== '') + 1;
    verdicts.push(...said.slice(0, Math.max(1, answered)).map(verdictOf));
  }
  return verdicts;
}

function verdictOf(said: string): string {
  if (said.includes('succeeded')) return 'pass';
  return said.includes('not signed') ? 'unsigned' : said.trim();
}

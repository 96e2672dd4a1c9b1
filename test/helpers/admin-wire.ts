/**
 * A whole engine with a settings file, and with a name server of the test's own.
 *
 *     const wire = await startAdmin({ databytes: 1 });
 *     await wire.set({ databytes: 2 });
 *
 * `set` saves the file and waits until the engine has looked at it. User, listener and Maildirs are
 * those of policy-wire.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConfigInput } from '../../src/index.js';
import type { FactMap } from '../../src/core/facts.js';
import type { PolicyList } from '../../src/policy.js';
import { type DnsServerDouble, type FakeAnswer, startDnsServer } from './dns-server.js';
import { eventually } from './eventually.js';
import { type PolicyWire, startWire } from './policy-wire.js';

/** Values of MailSmtp; JSON is YAML too. */
export type MailSmtpValues = Readonly<Record<string, unknown>>;

export interface AdminOptions {
  readonly policies?: PolicyList;
  readonly settings?: ConfigInput;
  /** What the name server says; without it nothing exists. */
  readonly dns?: (question: string) => FakeAnswer | undefined;
}

export interface AdminWire extends PolicyWire {
  readonly file: string;
  readonly dns: DnsServerDouble;
  readonly kept: readonly FactMap['settings.kept'][];
  readonly failed: readonly FactMap['blocklist.failed'][];
  /** Saves other values and waits for them to be taken over. */
  set(values: MailSmtpValues): Promise<void>;
  /** Saves any text and waits until it has been looked at. */
  save(text: string): Promise<void>;
}

export function yamlOf(values: MailSmtpValues): string {
  return `MailSmtp: ${JSON.stringify(values)}\n`;
}

export async function startAdmin(values: MailSmtpValues, options: AdminOptions = {}): Promise<AdminWire> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-admin-'));
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, yamlOf(values));
  const nothing: FakeAnswer = { rcode: 3 };
  const dns = await startDnsServer(({ name, type }) => {
    const said = options.dns === undefined ? nothing : options.dns(`${name} ${type}`);
    return said;
  });
  onTestFinished(async () => {
    await dns.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const wire = await startWire(options.policies ?? [], {
    localDomains: ['example.com'],
    settingsFile: file,
    ...options.settings,
    dns: { servers: [dns.address], timeout: '300ms', ...options.settings?.dns },
  });
  let loads = 0;
  const kept: FactMap['settings.kept'][] = [];
  const failed: FactMap['blocklist.failed'][] = [];
  wire.engine.on('settings.loaded', () => {
    loads += 1;
  });
  wire.engine.on('settings.kept', (body) => kept.push(body));
  wire.engine.on('blocklist.failed', (body) => failed.push(body));
  const save = async (text: string): Promise<void> => {
    const before = loads + kept.length;
    // Exchanged at once, so that no half of it is ever read.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    await eventually('the settings file to be looked at', () => loads + kept.length > before);
  };
  return { ...wire, file, dns, kept, failed, save, set: (next) => save(yamlOf(next)) };
}

/**
 * One policy of a page of the documentation in a running Postern, with a name server that can fail.
 *
 *     const running = await runPagePolicy('docs/checks.md', 'spf', { 'far.example TXT': 'v=spf1 -all' });
 *     running.trouble('far.example');
 *     await mailFrom(running, { from: 'a@far.example' });
 *
 * Ends with the test. Nothing is cached, the user `ann` has the password `secret`, and
 * `here.example` is the local domain.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from 'dns-packet';
import { onTestFinished } from 'vitest';
import { loadConfig } from '../../src/app/load-config.js';
import { startPostern } from '../../src/app/postern.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLogger } from '../../src/core/log.js';
import { startDnsServer } from './dns-server.js';
import { pagePolicy } from './page-policies.js';
import { logIn, sayContent } from './policy-wire.js';
import { connectPeer, type SmtpPeer } from './smtp-peer.js';
import { tempProject } from './temp-project.js';

/** What the name server knows, by `name TYPE`. */
export type Zone = Readonly<Record<string, string | readonly string[]>>;

export interface PageServer {
  /** Folder of the Maildirs. */
  readonly mail: string;
  /** From now on names that end so get SERVFAIL. */
  trouble(...ends: readonly string[]): void;
  /** A client that has not read the greeting. */
  client(localAddress?: string): Promise<SmtpPeer>;
}

function record(name: string, type: string, data: string): Answer {
  const base = { name, ttl: 60, class: 'IN' } as const;
  if (type === 'MX') return { ...base, type, data: { preference: 10, exchange: data } };
  return { ...base, type: type as 'A', data };
}

export async function runPagePolicy(
  page: string,
  name: string,
  zone: Zone = {},
  settings: object = {},
): Promise<PageServer> {
  const project = tempProject({ [`policies/${name}.ts`]: pagePolicy(page, name) });
  let troubled: readonly string[] = [];
  const dns = await startDnsServer((asked) => {
    const [wanted, type] = [asked.name.toLowerCase(), asked.type];
    if (troubled.some((end) => wanted.endsWith(end))) return { rcode: 2 };
    const found = zone[`${wanted} ${type}`];
    return found === undefined
      ? { rcode: 3 }
      : { answers: [found].flat().map((data) => record(asked.name, type, data)) };
  });
  onTestFinished(() => dns.stop());
  const users = join(project.folder, 'users');
  writeFileSync(users, 'ann:{PLAIN}secret\n', { mode: 0o600 });
  const { config } = loadConfig({
    file: null,
    settings: {
      dataDir: join(project.folder, 'var'),
      policies: [join(project.folder, 'policies')],
      watchPolicies: false,
      hostname: 'mx.example.com',
      localDomains: ['here.example'],
      listeners: [{ port: 0, authInClear: true }],
      metrics: { enabled: false },
      auth: { usersFile: users },
      dns: { servers: [dns.address], timeout: '500ms', cacheEntries: 0 },
      ...settings,
    },
  });
  const postern = await startPostern({ config, log: silentLogger, clock: systemClock });
  onTestFinished(() => postern.stop());
  return {
    mail: join(project.folder, 'var', 'mail'),
    trouble(...ends) {
      troubled = ends;
    },
    async client(localAddress = '127.0.0.1') {
      const port = postern.listeners[0]?.port ?? 0;
      const peer = await connectPeer(port, '127.0.0.1', { localAddress });
      onTestFinished(() => {
        peer.destroy();
      });
      return peer;
    },
  };
}

export interface Client {
  /** Default `a@far.example`. */
  readonly from?: string;
  /** Default `c.test`. */
  readonly hello?: string;
  /** Whether ann logs in. */
  readonly user?: boolean;
  readonly localAddress?: string;
}

function firstLine({ lines }: { readonly lines: readonly string[] }): string {
  return lines[0] ?? '';
}

export async function greeting({ client }: PageServer): Promise<string> {
  const peer = await client();
  return firstLine(await peer.reply());
}

/** A client that has said EHLO and, if wanted, logged in. */
export async function greeted({ client }: PageServer, who: Client = {}): Promise<SmtpPeer> {
  const peer = await client(who.localAddress);
  await peer.reply();
  await peer.say(`EHLO ${who.hello ?? 'c.test'}`);
  if (who.user === true) await logIn(peer);
  return peer;
}

/** The reply to MAIL FROM. */
export async function mailFrom(server: PageServer, who: Client = {}): Promise<string> {
  const peer = await greeted(server, who);
  return firstLine(await peer.say(`MAIL FROM:<${who.from ?? 'a@far.example'}>`));
}

/** The reply at the end of a message for ann@here.example. */
export async function send(server: PageServer, message: string, who: Client = {}): Promise<string> {
  const peer = await greeted(server, who);
  await peer.say(`MAIL FROM:<${who.from ?? 'a@far.example'}>`);
  await peer.say('RCPT TO:<ann@here.example>');
  return firstLine(await sayContent(peer, message));
}

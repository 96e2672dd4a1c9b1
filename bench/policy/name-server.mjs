/**
 * The DNS of the policy bench: unbound on a port of the loopback address, answering from its own data.
 *
 * Two block lists, the records of the sender's domain, and a PTR record for every client. It runs
 * beside the load generator, on the same core.
 *
 * Callers: policy.bench.mjs. Fails when unbound is not installed.
 */
import { spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { accessSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { endWithUs, pinned } from '../inbound/child.mjs';
import { freePort } from './free-port.mjs';
import { HELO, LISTED, LISTS, SELECTOR, SENDER_DOMAIN } from './names.mjs';

/** Daemons live there on Debian, and the search path of an ordinary user leaves them out. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** A TXT record is made of strings of at most 255 octets. */
const LONGEST_STRING = 255;
const LOOK_MS = 20;
const PATIENCE_MS = 10_000;

const CLIENT_NETWORK = '18.198.in-addr.arpa';

function txt(name, text) {
  const strings = text.match(new RegExp(`.{1,${LONGEST_STRING}}`, 'g'));
  return `${name}. 300 IN TXT ${strings.map((string) => `"${string}"`).join(' ')}`;
}

const reversed = (address) => address.split('.').reverse().join('.');
const soa = (zone) => `${zone}. 300 IN SOA ns.${zone}. root.${zone}. 1 3600 600 86400 300`;

function records(dkimRecord) {
  return [
    '. 300 IN SOA ns.example. root.example. 1 3600 600 86400 300',
    soa(SENDER_DOMAIN),
    `${SENDER_DOMAIN}. 300 IN MX 10 ${HELO}.`,
    `${SENDER_DOMAIN}. 300 IN A 198.18.0.1`,
    `${HELO}. 300 IN A 198.18.0.1`,
    txt(SENDER_DOMAIN, `v=spf1 include:_spf.${SENDER_DOMAIN} -all`),
    txt(SENDER_DOMAIN, 'site-verification=4711'),
    txt(`_spf.${SENDER_DOMAIN}`, 'v=spf1 ip4:192.0.2.0/24 ip4:198.18.0.0/15 -all'),
    txt(HELO, 'v=spf1 ip4:198.18.0.0/15 -all'),
    txt(`${SELECTOR}._domainkey.${SENDER_DOMAIN}`, dkimRecord),
    txt(`_dmarc.${SENDER_DOMAIN}`, 'v=DMARC1; p=reject; adkim=s; aspf=s'),
    `${CLIENT_NETWORK}. 300 IN PTR ${HELO}.`,
    ...LISTS.flatMap((list, i) => [
      soa(list),
      // RFC 5782 §5: this address is always listed, 127.0.0.1 never.
      `2.0.0.127.${list}. 300 IN A 127.0.0.2`,
      `${reversed(LISTED[i])}.${list}. 300 IN A 127.0.0.2`,
      txt(`${reversed(LISTED[i])}.${list}`, `listed by ${list}`),
    ]),
  ];
}

function configuration(port, folder, dkimRecord) {
  return [
    'server:',
    '  verbosity: 0',
    `  interface: 127.0.0.1@${port}`,
    '  access-control: 127.0.0.0/8 allow',
    `  directory: "${folder}"`,
    '  chroot: ""',
    '  username: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  do-daemonize: no',
    '  num-threads: 1',
    '  so-rcvbuf: 4m',
    '  module-config: "iterator"',
    // What is not here does not exist, and nobody else is asked for it.
    '  local-zone: "." static',
    ...[SENDER_DOMAIN, ...LISTS].map((zone) => `  local-zone: "${zone}." static`),
    `  local-zone: "${CLIENT_NETWORK}." redirect`,
    ...records(dkimRecord).map((record) => `  local-data: '${record}'`),
    'remote-control:',
    '  control-enable: no',
    '',
  ].join('\n');
}

function findUnbound() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...DAEMON_FOLDERS];
  const found = folders.map((folder) => join(folder, 'unbound')).find(isThere);
  if (found === undefined) throw new Error('unbound is not installed (Debian package unbound)');
  return found;
}

function isThere(path) {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

async function isAnswering(address) {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([address]);
  try {
    return (await resolver.resolveMx(SENDER_DOMAIN)).length > 0;
  } catch {
    // Not yet.
    return false;
  }
}

/** Starts it with the DKIM key of the sender; `address` is what resolvers take as a server. */
export async function startNameServer(dkimRecord) {
  const program = findUnbound();
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-dns-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const file = join(folder, 'unbound.conf');
  writeFileSync(file, configuration(port, folder, dkimRecord));
  const [command, ...args] = pinned('load', [program, '-d', '-c', file]);
  const child = endWithUs(spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  const address = `127.0.0.1:${port}`;
  const began = performance.now();
  while (!(await isAnswering(address))) {
    if (child.exitCode !== null) throw new Error('unbound ended before it answered');
    if (performance.now() - began > PATIENCE_MS) throw new Error('unbound does not answer');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return {
    address,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

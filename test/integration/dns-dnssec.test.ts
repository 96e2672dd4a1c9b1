/** Signed zones through an unbound that validates: what is proven, what is not, and what is forged. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { createCachingResolver } from '../../src/dns/caching-resolver.js';
import { findMailHosts } from '../../src/dns/mail-hosts.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import { type DaemonDouble, startDaemon } from '../helpers/daemon.js';
import { startNsd } from '../helpers/nsd.js';
import { requireProgram } from '../helpers/real-parts.js';

const unbound = requireProgram('unbound', 'unbound');
const nsd = requireProgram('nsd', 'nsd');
const keygen = requireProgram('ldns-keygen', 'ldnsutils');
const signzone = requireProgram('ldns-signzone', 'ldnsutils');
const isMissing = [unbound, nsd, keygen, signzone].includes(undefined);
const run = promisify(execFile);

interface SignedZone {
  readonly text: string;
  readonly anchor: string;
}

const recordsOf = (zone: string): readonly string[] => [
  `$ORIGIN ${zone}.`,
  '$TTL 300',
  '@ SOA ns root 1 3600 600 86400 120',
  '@ NS ns',
  'ns A 127.0.0.1',
  '@ MX 10 mail',
  'mail A 192.0.2.1',
  'www CNAME mail',
  'away CNAME mail.plain.test.',
];

async function signedZone(folder: string, zone: string): Promise<SignedZone> {
  const file = join(folder, zone);
  await writeFile(file, [...recordsOf(zone), ''].join('\n'));
  const { stdout } = await run(keygen ?? '', ['-a', 'ECDSAP256SHA256', '-k', zone], { cwd: folder });
  const key = stdout.trim();
  await run(signzone ?? '', ['-f', `${file}.signed`, file, key], { cwd: folder });
  return {
    text: await readFile(`${file}.signed`, 'utf8'),
    anchor: await readFile(join(folder, `${key}.key`), 'utf8'),
  };
}

function unboundText(port: number, folder: string, authority: DaemonDouble): string {
  const stubs = ['signed.test', 'forged.test', 'plain.test'].flatMap((zone) => [
    'stub-zone:',
    `  name: "${zone}."`,
    `  stub-addr: 127.0.0.1@${authority.port}`,
  ]);
  return [
    'server:',
    `  interface: 127.0.0.1@${port}`,
    '  access-control: 127.0.0.0/8 allow',
    `  directory: "${folder}"`,
    ...['chroot: ""', 'username: ""', 'pidfile: ""'].map((line) => `  ${line}`),
    ...['use-syslog: no', 'do-daemonize: no', 'num-threads: 1'].map((line) => `  ${line}`),
    ...['do-not-query-localhost: no', 'qname-minimisation: no'].map((line) => `  ${line}`),
    '  local-zone: "test." nodefault',
    '  module-config: "validator iterator"',
    `  trust-anchor-file: "${join(folder, 'anchors')}"`,
    'remote-control:',
    '  control-enable: no',
    ...stubs,
    '',
  ].join('\n');
}

describe.skipIf(isMissing)('signed zones (skipped without unbound, nsd or ldnsutils)', () => {
  let folder = '';
  let authority: DaemonDouble;
  let server: DaemonDouble;
  let resolver: Resolver;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-dnssec-'));
    await chmod(folder, 0o755);
    const signed = await signedZone(folder, 'signed.test');
    const honest = await signedZone(folder, 'forged.test');
    // The signature stays, the address does not.
    const forged = honest.text.replaceAll('192.0.2.1', '192.0.2.66');
    authority = await startNsd(nsd ?? '', {
      records: [],
      failing: [],
      zones: {
        'signed.test': signed.text,
        'forged.test': forged,
        'plain.test': [...recordsOf('plain.test'), ''].join('\n'),
      },
    });
    await writeFile(join(folder, 'anchors'), signed.anchor + honest.anchor);
    const file = join(folder, 'unbound.conf');
    server = await startDaemon(unbound ?? '', {
      prepare: (port) => writeFile(file, unboundText(port, folder, authority)),
      args: () => ['-d', '-c', file],
      probe: 'mail.plain.test',
    });
    resolver = createCachingResolver({
      clock: systemClock,
      resolver: createUdpResolver({ clock: systemClock, servers: [server.address] }),
    });
  });
  afterAll(async () => {
    resolver.close();
    await server.stop();
    await authority.stop();
    await rm(folder, { recursive: true });
  });

  it('give records, aliases and absence that are proven', async () => {
    expect(await resolver.resolve('mail.signed.test', 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.1'],
      authentic: true,
    });
    expect(await resolver.resolve('www.signed.test', 'A')).toMatchObject({
      records: ['192.0.2.1'],
      authentic: true,
    });
    const gone = await resolver.resolve('gone.signed.test', 'A');
    expect(gone).toMatchObject({ status: 'none', nxdomain: true, authentic: true });
    expect(gone.status === 'none' && gone.ttlSeconds).toBeLessThanOrEqual(120);
    expect(await findMailHosts(resolver, 'signed.test')).toMatchObject({ status: 'hosts', authentic: true });
  });

  it('keep the mark in the cache', async () => {
    await resolver.resolve('mail.signed.test', 'A');
    expect(await resolver.resolve('MAIL.signed.test.', 'A')).toMatchObject({ authentic: true });
  });

  it('prove nothing about what lies outside them', async () => {
    expect(await resolver.resolve('mail.plain.test', 'A')).toMatchObject({
      status: 'found',
      authentic: false,
    });
    expect(await resolver.resolve('away.signed.test', 'A')).toMatchObject({
      status: 'found',
      authentic: false,
    });
  });

  it('that were forged are trouble, neither found nor absent', async () => {
    expect(await resolver.resolve('mail.forged.test', 'A')).toMatchObject({
      status: 'tempFail',
      trouble: 'servfail',
    });
  });
});

/** The resolver and the checks through a real recursive server, as operators run them. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDnsbl } from '../../src/checks/dnsbl.js';
import { checkReverseDns } from '../../src/checks/reverse-dns.js';
import { checkSenderMx } from '../../src/checks/sender-mx.js';
import { checkSpf } from '../../src/checks/spf.js';
import { systemClock } from '../../src/core/clock.js';
import { createCachingResolver } from '../../src/dns/caching-resolver.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';
import { type DaemonDouble, startDaemon } from '../helpers/daemon.js';
import { startRbldnsd } from '../helpers/rbldnsd.js';
import { requireProgram } from '../helpers/real-parts.js';

const unbound = requireProgram('unbound', 'unbound');
const rbldnsd = requireProgram('rbldnsd', 'rbldnsd');
const isMissing = unbound === undefined || rbldnsd === undefined;

const LOCAL = [
  'example.org. 300 IN MX 10 mail.example.org.',
  'mail.example.org. 300 IN A 192.0.2.1',
  'www.example.org. 300 IN CNAME mail.example.org.',
  'example.org. 300 IN TXT "v=spf1 mx -all"',
  ...Array.from({ length: 40 }, (_, index) => `big.example.org. 300 IN TXT "${index} ${'x'.repeat(100)}"`),
  '1.2.0.192.in-addr.arpa. 300 IN PTR mail.example.org.',
  // A reverse zone given away in part, RFC 2317.
  '2.2.0.192.in-addr.arpa. 300 IN CNAME 2.0-63.2.0.192.in-addr.arpa.',
  '2.0-63.2.0.192.in-addr.arpa. 300 IN PTR relay.example.org.',
  'relay.example.org. 300 IN A 192.0.2.2',
  ...Array.from({ length: 100 }, (_, index) => `3.2.0.192.in-addr.arpa. 300 IN PTR n${index}.example.org.`),
  'six.example.org. 300 IN AAAA 2001:db8::25',
  'alias.example.org. 300 IN MX 10 www.example.org.',
  'null.example.org. 300 IN MX 0 .',
  'lost.example.org. 300 IN MX 10 gone.example.org.',
  'literal.example.org. 300 IN MX 10 192.0.2.1.',
  'xn--bcher-kva.example.org. 300 IN MX 10 mail.example.org.',
  'a\\032b._under!x.example.org. 300 IN TXT "odd"',
];

function configuration(port: number, folder: string, lists: DaemonDouble): string {
  return [
    'server:',
    `  interface: 127.0.0.1@${port}`,
    '  access-control: 127.0.0.0/8 allow',
    `  directory: "${folder}"`,
    '  chroot: ""',
    '  username: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  do-daemonize: no',
    '  num-threads: 1',
    '  do-not-query-localhost: no',
    '  module-config: "iterator"',
    // Names under test do not exist to unbound unless it is told otherwise.
    '  local-zone: "test." nodefault',
    '  local-zone: "example.org." static',
    '  local-zone: "2.0.192.in-addr.arpa." static',
    ...LOCAL.map((record) => `  local-data: '${record}'`),
    'remote-control:',
    '  control-enable: no',
    'stub-zone:',
    '  name: "bl.test."',
    `  stub-addr: 127.0.0.1@${lists.port}`,
    '',
  ].join('\n');
}

describe.skipIf(isMissing)('through unbound (skipped when unbound or rbldnsd is not installed)', () => {
  let folder = '';
  let lists: DaemonDouble;
  let server: DaemonDouble;
  let resolver: Resolver;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-unbound-'));
    await chmod(folder, 0o755);
    lists = await startRbldnsd(rbldnsd ?? '', {
      'bl.test': { type: 'ip4set', lines: [':127.0.0.2:Listed $', '127.0.0.2', '192.0.2.9'] },
    });
    const file = join(folder, 'unbound.conf');
    server = await startDaemon(unbound ?? '', {
      prepare: (port) => writeFile(file, configuration(port, folder, lists)),
      args: () => ['-d', '-c', file],
      probe: 'mail.example.org',
    });
    resolver = createCachingResolver({
      clock: systemClock,
      resolver: createUdpResolver({ clock: systemClock, servers: [server.address], deadlineMs: 3000 }),
    });
  });
  afterAll(async () => {
    resolver.close();
    await server.stop();
    await lists.stop();
    await rm(folder, { recursive: true });
  });

  it('finds records and aliases, and tells absence', async () => {
    expect(await resolver.resolve('mail.example.org', 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.1'],
    });
    expect(await resolver.resolve('www.example.org', 'A')).toMatchObject({
      status: 'found',
      records: ['192.0.2.1'],
    });
    expect(await resolver.resolve('mail.example.org', 'AAAA')).toMatchObject({
      status: 'none',
      nxdomain: false,
    });
    expect(await resolver.resolve('gone.example.org', 'A')).toMatchObject({ status: 'none', nxdomain: true });
  });

  it('gets large answers by TCP', async () => {
    const outcome = await resolver.resolve('big.example.org', 'TXT');
    expect(outcome.status === 'found' && outcome.records.length).toBe(40);
  });

  it('looks a block list up', async () => {
    const at = (ip: string) => checkDnsbl({ resolver, clock: systemClock }, { ip, zone: 'bl.test' });
    expect(await at('192.0.2.9')).toMatchObject({
      status: 'listed',
      codes: ['127.0.0.2'],
      explanation: 'Listed 192.0.2.9',
    });
    expect(await at('192.0.2.10')).toMatchObject({ status: 'notListed' });
  });

  it('checks SPF, reverse DNS and the MX of the sender', async () => {
    const spf = (ip: string) =>
      checkSpf({ resolver, clock: systemClock }, { ip, helo: 'mail.example.org', mailFrom: 'u@example.org' });
    expect((await spf('192.0.2.1')).status).toBe('Pass');
    expect((await spf('192.0.2.2')).status).toBe('Fail');
    expect(await checkReverseDns({ resolver }, { ip: '192.0.2.1' })).toMatchObject({ status: 'pass' });
    expect(await checkSenderMx({ resolver }, { domain: 'example.org' })).toMatchObject({ status: 'Pass' });
    expect(await checkSenderMx({ resolver }, { domain: 'gone.example.org' })).toMatchObject({
      status: 'Fail',
    });
  });

  it.each([
    ['alias.example.org', 'Pass'],
    ['six.example.org', 'Pass'],
    ['b\u00fccher.example.org', 'Pass'],
    ['null.example.org', 'Fail'],
    ['lost.example.org', 'Fail'],
    ['literal.example.org', 'Fail'],
  ])('checks the MX of %s: %s', async (domain, status) => {
    expect(await checkSenderMx({ resolver }, { domain })).toMatchObject({ status });
  });

  it('follows the alias of a reverse name, and gives up on a crowd of them', async () => {
    expect(await checkReverseDns({ resolver }, { ip: '192.0.2.2' })).toMatchObject({
      status: 'pass',
      name: 'relay.example.org',
    });
    const crowd = await checkReverseDns({ resolver }, { ip: '192.0.2.3' });
    expect(crowd.status).toBe('fail');
    expect(crowd.names).toHaveLength(10);
  });

  it('asks for names that are no host names', async () => {
    expect(await resolver.resolve('a b._under!x.example.org', 'TXT')).toMatchObject({ records: ['odd'] });
    const long = `${'x'.repeat(63)}.`.repeat(3);
    expect(await resolver.resolve(`${long}${'y'.repeat(48)}.example.org`, 'TXT')).toMatchObject({
      status: 'none',
      nxdomain: true,
    });
    for (const odd of ['\u0001\u007f.example.org', '"quoted @ mark".example.org', '\\.example.org']) {
      expect(await resolver.resolve(odd, 'A')).toMatchObject({ status: 'none', nxdomain: true });
    }
  });

  it('reads a list whose server is gone as trouble', async () => {
    await lists.stop();
    const outcome = await checkDnsbl({ resolver, clock: systemClock }, { ip: '192.0.2.77', zone: 'bl.test' });
    expect(outcome.status).toBe('tempError');
  });
});

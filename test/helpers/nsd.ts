/**
 * The real nsd on a free loopback port: it answers for everything there is, from one zone file.
 *
 *     const world = await startNsd(program, { records: ['a.test. A 192.0.2.1'], failing: ['dead.test'] });
 *     ... world.address ...
 *     await world.stop();
 *
 * A name without a record does not exist. Names under `failing` are answered with SERVFAIL.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonDouble, startDaemon } from './daemon.js';

export interface NsdWorld {
  /** Lines of a zone file, with absolute names. */
  readonly records: readonly string[];
  readonly failing: readonly string[];
  /** Zones beside the one world, such as signed ones: the text of a zone file by name. */
  readonly zones?: Readonly<Record<string, string>>;
}

function configText(folder: string, port: number, { failing, zones = {} }: NsdWorld): string {
  const zone = (name: string, file: string): string => `zone:\n  name: "${name}"\n  zonefile: "${file}"\n`;
  return [
    'server:',
    `  ip-address: 127.0.0.1@${port}`,
    ...['do-ip6: no', 'server-count: 1', 'verbosity: 0', 'username: ""', 'chroot: ""'].map((l) => `  ${l}`),
    `  zonesdir: "${folder}"`,
    ...['database', 'pidfile', 'xfrdfile', 'zonelistfile', 'logfile', 'cookie-secret-file']
      .filter((name) => name !== 'database')
      .map((name) => `  ${name}: "${join(folder, name)}"`),
    '  database: ""',
    '  xfrdir: "' + folder + '"',
    // Nothing here is an attack, and slipped answers would read as truncation.
    '  rrl-ratelimit: 0',
    'remote-control:\n  control-enable: no',
    zone('.', 'world'),
    ...failing.map((name) => zone(name, 'there-is-no-such-file')),
    ...Object.keys(zones).map((name) => zone(name, `zone.${name}`)),
    '',
  ].join('\n');
}

/** `program` is what requireProgram found. */
export async function startNsd(program: string, world: NsdWorld): Promise<DaemonDouble> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-nsd-'));
  await chmod(folder, 0o755);
  const head = ['$TTL 60', '. SOA ns. root. 1 60 60 60 60', '. NS ns.', 'ns. A 127.0.0.1'];
  await writeFile(join(folder, 'world'), [...head, ...world.records, ''].join('\n'), { mode: 0o644 });
  for (const [name, text] of Object.entries(world.zones ?? {})) {
    await writeFile(join(folder, `zone.${name}`), text, { mode: 0o644 });
  }
  const config = join(folder, 'nsd.conf');
  const daemon = await startDaemon(program, {
    prepare: (port) => writeFile(config, configText(folder, port, world)),
    args: () => ['-d', '-c', config],
    probe: 'ns',
  });
  return {
    ...daemon,
    async stop() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

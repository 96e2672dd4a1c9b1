/**
 * The real rbldnsd on a free loopback port, with block lists that the test writes.
 *
 *     const lists = await startRbldnsd(program, { 'bl.test': { type: 'ip4set', lines: ['127.0.0.2'] } });
 *     ... lists.address ...
 *     await lists.stop();
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonDouble, startDaemon } from './daemon.js';

export interface Zone {
  readonly type: 'ip4set' | 'ip4trie' | 'ip6trie' | 'dnset' | 'generic';
  readonly lines: readonly string[];
}

/** `program` is what requireProgram found. */
export async function startRbldnsd(
  program: string,
  zones: Readonly<Record<string, Zone>>,
): Promise<DaemonDouble> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-rbldnsd-'));
  // It drops to an ordinary user when started as root, and must still read its files.
  await chmod(folder, 0o755);
  const names = Object.entries(zones);
  for (const [name, { lines }] of names) {
    const soa = `$SOA 60 ns.${name} root.${name} 1 60 60 60 60`;
    await writeFile(join(folder, name), [soa, ...lines, ''].join('\n'), { mode: 0o644 });
  }
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const daemon = await startDaemon(program, {
    args: (port) => [
      ...['-n', ...user, '-b', `127.0.0.1/${port}`, '-w', folder],
      ...names.map(([name, { type }]) => `${name}:${type}:${name}`),
    ],
    probe: names[0]?.[0] ?? 'nothing.test',
  });
  return {
    ...daemon,
    async stop() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

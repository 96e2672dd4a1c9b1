/**
 * Haraka, the peer of the policy bench: installed by the bench for itself, configured, started.
 *
 * It is installed from the npm registry into `bench/.peers`, which git ignores, by the lock file
 * in `haraka/`; nothing of it is a dependency of Postern. Its plugins are those of its own project
 * with their defaults; one of ours takes the place of queue/discard and counts.
 *
 * Callers: policy.bench.mjs.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startChild } from '../inbound/child.mjs';
import { freePort } from './free-port.mjs';
import { LISTS, RECIPIENT_DOMAIN } from './names.mjs';

const OURS = fileURLToPath(new URL('haraka/', import.meta.url));
const INSTALLED = fileURLToPath(new URL('../.peers/haraka/', import.meta.url));
const LOCK = 'package-lock.json';
/** Written when an installation has come to its end. */
const COMPLETE = 'complete.lock.json';
const INSTALL_PATIENCE_MS = 300_000;

function isInstalled() {
  const complete = join(INSTALLED, COMPLETE);
  return existsSync(complete) && readFileSync(complete, 'utf8') === readFileSync(join(OURS, LOCK), 'utf8');
}

/** Installs it unless it is there. Returns why it could not be; undefined when it is there. */
export function installHaraka(say) {
  if (isInstalled()) return undefined;
  say(`installing Haraka into ${INSTALLED} ...`);
  rmSync(INSTALLED, { recursive: true, force: true });
  mkdirSync(INSTALLED, { recursive: true });
  for (const file of ['package.json', LOCK]) cpSync(join(OURS, file), join(INSTALLED, file));
  // Its optional packages are plugins that are not used here.
  const words = ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, error, stderr } = spawnSync('npm', words, {
    cwd: INSTALLED,
    encoding: 'utf8',
    timeout: INSTALL_PATIENCE_MS,
  });
  if (status === 0) {
    cpSync(join(OURS, LOCK), join(INSTALLED, COMPLETE));
    return undefined;
  }
  const faults = (stderr ?? '').split('\n').filter((line) => line.startsWith('npm error'));
  return error?.message ?? faults.slice(0, 3).join('; ');
}

/** Version of each installed part, for the report. */
export function harakaVersions() {
  const { dependencies } = JSON.parse(readFileSync(join(OURS, 'package.json'), 'utf8'));
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

function configure(folder, port) {
  const config = join(folder, 'config');
  // A file of its own there replaces Haraka's default as a whole.
  cpSync(join(INSTALLED, 'node_modules/Haraka/config'), config, { recursive: true });
  cpSync(join(OURS, 'plugins'), join(folder, 'plugins'), { recursive: true });
  const files = {
    'smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
    'connection.ini': readFileSync(join(config, 'connection.ini'), 'utf8').replace(
      /^hosts\[\] =$/m,
      'hosts[] = 127.0.0.1',
    ),
    'log.ini': '[main]\nlevel=warn\nformat=default\n',
    plugins: 'dns-list\nspf\nrcpt_to.in_host_list\ndkim\nbench_discard\n',
    host_list: `${RECIPIENT_DOMAIN}\n`,
    'dns-list.ini': `[main]\nperiodic_checks=30\nsearch=all\n${LISTS.map((list) => `zones[]=${list}\n`).join('')}`,
    me: 'mx.receiver.example\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(config, name), text);
}

/** Starts it in one process; it asks the DNS server `dns`. */
export async function startHaraka(dns) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-haraka-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  configure(folder, port);
  return startChild(pathToFileURL(join(INSTALLED, 'node_modules/Haraka/bin/haraka')).href, 'server', {
    nodeFlags: ['--require', join(OURS, 'preload.cjs')],
    words: ['-c', folder],
    isQuiet: true,
    env: {
      NODE_ENV: 'production',
      POSTERN_BENCH_DNS: dns,
      POSTERN_BENCH_PORT: String(port),
      POSTERN_BENCH_COUNTS: join(OURS, 'counts.cjs'),
    },
  });
}

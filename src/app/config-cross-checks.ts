/**
 * What must hold between settings that are each right by themselves.
 *
 * Runs only on a configuration whose values have all passed, and answers one problem for each
 * contradiction, at the place of the setting that should change.
 *
 * Callers: load-config. Nothing here throws.
 */
import { isIPv6 } from 'node:net';
import { relative, sep } from 'node:path';
import type { ConfigError } from '../core/errors.js';
import { formatDuration } from '../core/units.js';
import { isRecognizable } from '../message/authserv-id.js';
import { checkDkimKeys } from './config-dkim-checks.js';
import { checkRoutes } from './config-route-checks.js';
import { checkListeners } from './config-listener-checks.js';
import {
  type Complain,
  FROM_DEFAULT,
  nearestOrigin,
  type Provenance,
  valueProblem,
} from './config-origin.js';
import { readHostname } from './config-scalars.js';
import type { Config } from './config-types.js';

function isWritten(key: string, provenance: Provenance): boolean {
  return (provenance.get(key) ?? FROM_DEFAULT).from !== 'default';
}

export function crossCheck(config: Config, provenance: Provenance): ConfigError[] {
  const problems: ConfigError[] = [];
  const complain: Complain = (keys, reason) => {
    const key = keys.find((candidate) => isWritten(candidate, provenance)) ?? keys[0];
    problems.push(valueProblem(nearestOrigin(key, provenance), key, reason));
  };
  checkAddresses(config, complain);
  checkNames(config, complain);
  checkListeners(config, complain);
  checkAuthservId(config, complain);
  checkQueueTimes(config, complain);
  checkFolders(config, complain);
  checkRoutes(config, complain);
  checkRelay(config, complain);
  checkTls(config, complain);
  checkDkimKeys(config, complain);
  return problems;
}

interface Address {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

/** Whether the system would refuse to open both. `::` takes IPv4 as well. */
function collide(left: Address, right: Address): boolean {
  if (left.port !== right.port || left.port === 0) return false;
  const hosts = [left.host, right.host];
  if (left.host === right.host || hosts.includes('::')) return true;
  return hosts.includes('0.0.0.0') && !hosts.some(isIPv6);
}

function checkAddresses(config: Config, complain: Complain): void {
  const seen: Address[] = [];
  const addresses = config.listeners.map(({ host, port }, index) => ({
    key: `listeners[${index}]`,
    host,
    port,
  }));
  if (config.metrics.enabled) addresses.push({ key: 'metrics', ...config.metrics });
  for (const address of addresses) {
    const other = seen.find((known) => collide(known, address));
    seen.push(address);
    if (!other) continue;
    const hosts = other.host === address.host ? address.host : `${other.host} and ${address.host}`;
    const reason = `${other.key} and ${address.key} cannot both have port ${address.port} of ${hosts}`;
    complain([`${address.key}.port`, `${other.key}.port`], reason);
  }
}

function checkNames(config: Config, complain: Complain): void {
  const names = config.listeners.map((listener) => listener.name);
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first === index) continue;
    complain(
      [`listeners[${index}].name`],
      `"${name}" is already the name of listeners[${first}]; give each its own`,
    );
  }
}

/** A field under a name that is not known again would be believed whoever wrote it. */
function checkAuthservId({ authenticationResults: { authservId } }: Config, complain: Complain): void {
  if (authservId === '' || isRecognizable(authservId)) return;
  const reason = `"${authservId}" cannot be told from other names; use a host name such as mx.example.com`;
  complain(['authenticationResults.authservId'], reason);
}

function checkQueueTimes({ queue }: Config, complain: Complain): void {
  for (const other of ['maxRetry', 'lifetime'] as const) {
    if (queue.firstRetry <= queue[other]) continue;
    const first = formatDuration(queue.firstRetry);
    const reason = `firstRetry (${first}) is longer than ${other} (${formatDuration(queue[other])})`;
    complain(['queue.firstRetry', `queue.${other}`], reason);
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}

/** Folders of dataDir that belong to the program; a Maildir in one of them would be swept away. */
const OWN_FOLDERS = ['spool', 'queue', 'traces'];

function checkFolders(config: Config, complain: Complain): void {
  const { dataDir } = config;
  const { maildir } = config.delivery;
  const keys = ['delivery.maildir', 'dataDir'] as const;
  if (isInside(dataDir, maildir)) {
    complain(keys, 'the Maildir may not be dataDir itself or a folder above it; give it a folder of its own');
  }
  const own = OWN_FOLDERS.find((name) => isInside(maildir, `${dataDir}${sep}${name}`));
  if (own === undefined) return;
  complain(keys, `the Maildir may not lie in the ${own} folder of dataDir, which Postern cleans up`);
}

function checkRelay(config: Config, complain: Complain): void {
  if (config.outbound === 'none') return;
  // Accepting mail that nothing will deliver would be worse than not starting.
  complain(
    ['outbound'],
    `this version has no outbound delivery, so ${config.outbound} is not possible; leave it at none`,
  );
  if (config.localDomains.includes('*')) {
    const reason = `${config.outbound} delivery has no effect while localDomains holds *, which delivers every domain here`;
    complain(['outbound', 'localDomains'], reason);
  }
  for (const [index, listener] of config.listeners.entries()) {
    for (const [place, network] of listener.trustedNetworks.entries()) {
      if (!network.endsWith('/0')) continue;
      const reason = `${network} lets everybody relay to the outside, which makes an open relay`;
      complain([`listeners[${index}].trustedNetworks[${place}]`], reason);
    }
  }
}

/** A certificate is nothing without its key, nor the other way round. */
function checkPair(section: string, pair: { certificate: string; key: string }, complain: Complain): void {
  const [missing, given] =
    pair.key === '' ? (['key', 'certificate'] as const) : (['certificate', 'key'] as const);
  if (pair[missing] !== '') return;
  complain([`${section}.${given}`], `needs ${section}.${missing} beside it`);
}

function checkTls({ tls }: Config, complain: Complain): void {
  if (tls.certificate !== '' || tls.key !== '') checkPair('tls', tls, complain);
  else if (tls.hosts.length > 0) {
    complain(
      ['tls.hosts'],
      'needs tls.certificate and tls.key for clients that ask for another name, or for none',
    );
  }
  const names = tls.hosts.map(({ name }) => name.toLowerCase());
  for (const [index, host] of tls.hosts.entries()) {
    const section = `tls.hosts[${index}]`;
    const name = names[index] ?? '';
    const plain = name.replace(/^\*\./, '');
    // Clients ask for names in ASCII form, so only that form can ever be met.
    if (readHostname(plain) !== plain) {
      complain([`${section}.name`], 'expected a host name in ASCII such as mx.example.com, or *.example.com');
    }
    const first = names.indexOf(name);
    if (first !== index)
      complain([`${section}.name`], `"${name}" is already the name of tls.hosts[${first}]`);
    if (host.certificate === '' && host.key === '') {
      complain([section], `needs ${section}.certificate and ${section}.key`);
    } else checkPair(section, host, complain);
  }
}

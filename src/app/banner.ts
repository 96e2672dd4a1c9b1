/**
 * What a newcomer must see within a minute: ports and what they offer, where mail goes, which
 * policies run, what to type next.
 *
 * Callers: cli/start prints it once the listeners are open. Plain text, no state.
 */
import { relative } from 'node:path';
import type { LoadedPolicy } from '../hooks/loaded-policy.js';
import type { Config } from './config-types.js';
import { demoListener, listenerState, swaksOptions } from './listener-words.js';

interface Bound {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface BannerFacts {
  readonly version: string;
  readonly config: Config;
  readonly configFile: string | undefined;
  readonly listeners: readonly Bound[];
  readonly policies: readonly LoadedPolicy[];
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Milliseconds since the process began. */
  readonly tookMs: number;
  readonly cwd: string;
}

const LABEL = 10;

/** A path as short as it can be typed here. */
function near(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short !== '' && !short.startsWith('..') ? short : path;
}

function rows(label: string, values: readonly string[]): string[] {
  return values.map((value, i) => `  ${(i === 0 ? label : '').padEnd(LABEL)}${value}`);
}

function policyRow({ name, file, events }: LoadedPolicy, cwd: string): string {
  return `${name}  (${near(file, cwd)}): ${events.join(', ')}`;
}

function mailRows({ localDomains, delivery, outbound }: Config, cwd: string): string[] {
  const others =
    outbound === 'none'
      ? 'refused; nothing leaves this machine (outbound: none)'
      : 'relayed for trusted clients';
  return [
    ...rows('mail for', [
      `${localDomains.join(', ')}`,
      `-> ${near(delivery.maildir, cwd)}/<domain>/<user>/Maildir`,
      ...delivery.routes.map(({ domains, to }) => `${domains.join(', ')} -> ${to}`),
    ]),
    ...rows('others', [others]),
  ];
}

function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function listenerRow({ name, host, port }: Bound, config: Config): string {
  const listener = config.listeners.find((candidate) => candidate.name === name);
  const state = listener === undefined ? '' : `  ${listenerState(listener, config)}`;
  return `${addressOf(host, port)}  (${name})${state}`;
}

/** What to type for a first message, at the listener that asks least of its clients. */
function firstMessage(config: Config, bound: readonly Bound[]): readonly string[] {
  const open = demoListener(config);
  const listener = open ?? config.listeners[0];
  const place = bound.find(({ name }) => name === listener?.name);
  if (listener === undefined || place === undefined) return [];
  const [domain = 'localhost'] = config.localDomains.filter((name) => name !== 'localhost' && name !== '*');
  const where = `${addressOf(place.host, place.port)}${swaksOptions(listener, config)}`;
  return [
    'Send a first message, in another terminal:',
    ...(open ? ['  npm run demo          (in a project that uses Postern: npx postern demo)'] : []),
    `  swaks --server ${where} --from me@example.org --to you@${domain}`,
  ];
}

export function bannerLines(facts: BannerFacts): readonly string[] {
  const { config, listeners, policies, metrics, cwd } = facts;
  const internal = policies.filter((policy) => policy.name.startsWith('internal:'));
  const loaded = policies.filter((policy) => !internal.includes(policy));
  return [
    `Postern ${facts.version} is ready after ${(facts.tookMs / 1000).toFixed(1)} s.`,
    '',
    ...rows(
      'SMTP',
      listeners.map((bound) => listenerRow(bound, config)),
    ),
    ...mailRows(config, cwd),
    ...rows(
      'policies',
      loaded.length === 0
        ? ['none; write one into ./policies, docs/policy-guide.md says how']
        : loaded.map((policy) => policyRow(policy, cwd)),
    ),
    ...rows(
      'built in',
      // One of them may have nothing to do, by the settings.
      internal
        .filter(({ events }) => events.length > 0)
        .map(({ name, events }) => `${name}: ${events.join(', ')}`),
    ),
    ...rows('settings', [facts.configFile ?? 'defaults (no postern.yaml here)']),
    ...(metrics === undefined ? [] : rows('metrics', [`http://${metrics.host}:${metrics.port}/metrics`])),
    '',
    ...firstMessage(config, listeners),
    'Each refusal ends in (ref <id>); why it happened: npx postern explain <id>',
    '',
  ];
}

/**
 * Every command of `postern`, in the order of `postern --help`.
 *
 * A new command is a file under `commands/` and a row here.
 *
 * Callers: cli/main.
 */
import type { CommandRow } from './frame.js';

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'start',
    summary: 'run the server',
    group: 'Run:',
    load: () => import('./commands/start.js'),
  },
  {
    name: 'demo',
    summary: 'send two messages to the server and explain its answers',
    group: 'Run:',
    load: () => import('./commands/demo.js'),
  },
  {
    name: 'check',
    summary: 'check the configuration and what it needs, before a start',
    group: 'Set up:',
    load: () => import('./commands/check.js'),
  },
  {
    name: 'config',
    summary: 'explain the effective settings, or print their JSON Schema',
    group: 'Set up:',
    load: () => import('./commands/config.js'),
  },
  {
    name: 'user',
    summary: 'keep the users who may log in, and their passwords',
    group: 'Set up:',
    load: () => import('./commands/user.js'),
  },
  {
    name: 'explain',
    summary: 'tell why a client or a message got its answer',
    group: 'Look into it:',
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'policy',
    summary: 'show the policies, their events and their order',
    group: 'Look into it:',
    load: () => import('./commands/policy.js'),
  },
  {
    name: 'queue',
    summary: 'show what waits in the queue, or prove that it is in order',
    group: 'Look into it:',
    load: () => import('./commands/queue.js'),
  },
  {
    name: 'dnsbl',
    summary: 'look for an address on DNS block lists',
    group: 'Look into it:',
    load: () => import('./commands/dnsbl.js'),
  },
  {
    name: 'mx',
    summary: 'check whether the domain of a sender takes mail',
    group: 'Look into it:',
    load: () => import('./commands/mx.js'),
  },
  {
    name: 'spf',
    summary: 'check a client and a sender against SPF, and show the evidence',
    group: 'Look into it:',
    load: () => import('./commands/spf.js'),
  },
  {
    name: 'geo',
    summary: 'find the country and network of an address',
    group: 'Look into it:',
    load: () => import('./commands/geo.js'),
  },
  {
    name: 'auth',
    summary: 'verify DKIM, ARC, DMARC and SPF of a message in a file',
    group: 'Look into it:',
    load: () => import('./commands/auth.js'),
  },
];

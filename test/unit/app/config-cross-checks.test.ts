import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { readConfig } from '../../../src/app/load-config.js';

function complaints(settings: ConfigInput): string[] {
  const outcome = readConfig({ cwd: '/srv', file: null, machine: 'mx', settings });
  return outcome.status === 'invalid' ? outcome.problems.map((problem) => problem.message) : [];
}

const two = (left: readonly [string, number], right: readonly [string, number]): ConfigInput => ({
  listeners: [
    { name: 'a', host: left[0], port: left[1] },
    { name: 'b', host: right[0], port: right[1] },
  ],
});

describe('settings that fit each other', () => {
  it.each<[string, ConfigInput]>([
    ['one port on two addresses', two(['127.0.0.1', 25], ['127.0.0.2', 25])],
    ['two ports on one address', two(['127.0.0.1', 25], ['127.0.0.1', 26])],
    ['two free ports', two(['127.0.0.1', 0], ['127.0.0.1', 0])],
    ['IPv4 for all and one IPv6 address', two(['0.0.0.0', 25], ['::1', 25])],
    ['the port of metrics that are off', { listeners: [{ port: 2580 }], metrics: { enabled: false } }],
    ['a Maildir beside the spool', { delivery: { maildir: '/srv/var/spool-mail' } }],
    ['a Maildir elsewhere', { delivery: { maildir: '/home/mail' } }],
    ['everything trusted while nothing leaves', { listeners: [{ trustedNetworks: ['0.0.0.0/0'] }] }],
    ['a short life alone', { queue: { lifetime: '1h' } }],
    ['results under a name of their own', { authenticationResults: { authservId: 'mail.example' } }],
    ['few connections alone', { listeners: [{ maxConnections: 5 }] }],
  ])('%s', (_, settings) => {
    expect(complaints(settings)).toEqual([]);
  });
});

describe('settings that contradict each other', () => {
  it.each<[string, ConfigInput]>([
    ['everything and one address', two(['::', 25], ['127.0.0.1', 25])],
    ['both for everything', two(['0.0.0.0', 25], ['::', 25])],
    ['the metrics within everything', { listeners: [{ host: '0.0.0.0', port: 2580 }] }],
    ['a Maildir above the data', { dataDir: '/srv/mail/state', delivery: { maildir: '/srv/mail' } }],
    ['a Maildir among the traces', { delivery: { maildir: '/srv/var/traces' } }],
    ['results under a name without letters', { authenticationResults: { authservId: '---' } }],
    ['outbound delivery, which is not there yet', { outbound: 'direct' }],
  ])('%s', (_, settings) => {
    expect(complaints(settings)).toHaveLength(1);
  });

  it('an open relay over IPv6', () => {
    const settings: ConfigInput = { outbound: 'direct', listeners: [{ trustedNetworks: ['::/0'] }] };
    expect(complaints(settings)).toHaveLength(2);
  });
});

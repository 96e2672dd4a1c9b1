import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { readConfig } from '../../../src/app/load-config.js';

type ListenerInput = NonNullable<ConfigInput['listeners']>[number];

const TLS: ConfigInput = { tls: { certificate: 'a.pem', key: 'a.key' } };
const USERS: ConfigInput = { auth: { usersFile: 'users' } };

function complaints(listener: ListenerInput, settings: ConfigInput = {}): string[] {
  const outcome = readConfig({
    cwd: '/srv',
    file: null,
    machine: 'mx',
    settings: { ...settings, listeners: [listener] },
  });
  return outcome.status === 'invalid' ? outcome.problems.map((problem) => problem.message) : [];
}

describe('a listener', () => {
  it.each<[string, ListenerInput, ConfigInput]>([
    ['for other servers, without TLS and users', {}, {}],
    ['that would offer TLS and AUTH', { tls: 'offered', auth: 'offered' }, {}],
    ['for final delivery', { kind: 'lmtp' }, {}],
    ['for users', { kind: 'submission' }, { ...TLS, ...USERS }],
    ['for users over implicit TLS', { kind: 'submissions' }, { ...TLS, ...USERS }],
    ['for trusted programs', { kind: 'submission', trustedNetworks: ['10.0.0.0/8'] }, TLS],
    ['for a trial', { kind: 'submission', tls: 'never', authInClear: true }, USERS],
    ['for trusted programs without TLS', { kind: 'submission', tls: 'never', trustedNetworks: ['::1'] }, {}],
    ['behind any proxy', { proxyNetworks: ['0.0.0.0/0'] }, {}],
  ])('%s', (_, listener, settings) => {
    expect(complaints(listener, settings)).toEqual([]);
  });
});

describe('a listener is refused', () => {
  it.each<[string, ListenerInput, ConfigInput, RegExp[]]>([
    [
      'for users without both',
      { kind: 'submission' },
      {},
      [/needs tls\.certificate/, /needs auth\.usersFile/],
    ],
    ['over implicit TLS without a certificate', { kind: 'submissions' }, USERS, [/needs tls\.certificate/]],
    ['with TLS required of servers', { tls: 'required' }, {}, [/kind mx with tls required needs tls\.cert/]],
    ['as submissions without implicit TLS', { kind: 'submissions', tls: 'required' }, USERS, [/first octet/]],
    ['with AUTH required and nobody known', { auth: 'required' }, TLS, [/postern user add/]],
    ['with AUTH required and no way to TLS', { auth: 'required' }, USERS, [/no password is taken/]],
    [
      'with AUTH required and TLS off',
      { auth: 'required', tls: 'never' },
      { ...TLS, ...USERS },
      [/no password is taken/],
    ],
    [
      'that believes everybody by XCLIENT',
      { xclientNetworks: ['::1', '::/0'] },
      {},
      [/xclientNetworks\[1\]: ::\/0 /],
    ],
    [
      'that lets everybody claim a trusted address',
      { proxyNetworks: ['0.0.0.0/0'], trustedNetworks: ['10.0.0.1'] },
      {},
      [/proxyNetworks\[0\]/],
    ],
    ['with LMTP on the port of SMTP', { kind: 'lmtp', port: 25 }, {}, [/may not have port 25/]],
  ])('%s', (_, listener, settings, expected) => {
    expect(complaints(listener, settings)).toEqual(
      expected.map((pattern) => expect.stringMatching(pattern) as string),
    );
  });
});

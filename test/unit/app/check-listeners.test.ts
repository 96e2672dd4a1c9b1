import { describe, expect, it } from 'vitest';
import { listenersStep } from '../../../src/app/check-listeners.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';

type ListenerInput = NonNullable<ConfigInput['listeners']>[number];

const TLS: ConfigInput = { tls: { certificate: 'a.pem', key: 'a.key' } };
const USERS: ConfigInput = { auth: { usersFile: 'users' } };

async function findings(listener: ListenerInput, settings: ConfigInput = {}): Promise<string[]> {
  const all: ConfigInput = { ...settings, listeners: [listener] };
  const { config } = loadConfig({ cwd: '/srv', file: null, machine: 'mx', settings: all });
  return (await listenersStep.run(config)).map(({ message }) => message);
}

describe('the check of listeners', () => {
  it.each<[string, ListenerInput, ConfigInput]>([
    ['one for this machine', { authInClear: true }, USERS],
    ['one with a certificate', { host: '0.0.0.0' }, TLS],
    ['one that has no TLS by choice', { host: '0.0.0.0', tls: 'never' }, {}],
    ['one in clear, but without users', { host: '0.0.0.0', authInClear: true }, TLS],
    ['one behind a proxy', { proxyNetworks: ['10.0.0.0/8'] }, {}],
  ])('has nothing to say of %s', async (_, listener, settings) => {
    expect(await findings(listener, settings)).toEqual([]);
  });

  it.each<[string, ListenerInput, ConfigInput, string]>([
    [
      'no TLS towards the network',
      { host: '0.0.0.0' },
      {},
      'listeners[0]: without tls.certificate, mail comes in unencrypted',
    ],
    [
      'passwords in clear',
      { host: '192.0.2.1', authInClear: true },
      { ...TLS, ...USERS },
      'listeners[0]: passwords may come unencrypted',
    ],
    [
      'a PROXY header from anybody',
      { proxyNetworks: ['10.0.0.1', '::/0'] },
      {},
      'listeners[0]: ::/0 lets everybody claim any address by a PROXY header',
    ],
  ])('warns of %s', async (_, listener, settings, message) => {
    expect(await findings(listener, settings)).toEqual([message]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { demoListener, listenerState, swaksOptions } from '../../../src/app/listener-words.js';
import { loadConfig } from '../../../src/app/load-config.js';

type ListenerInput = NonNullable<ConfigInput['listeners']>[number];

const TLS: ConfigInput = { tls: { certificate: 'a.pem', key: 'a.key' } };
const USERS: ConfigInput = { auth: { usersFile: 'users' } };
const BOTH: ConfigInput = { ...TLS, ...USERS };

function load(listeners: readonly ListenerInput[], settings: ConfigInput) {
  const all: ConfigInput = { ...settings, listeners };
  return loadConfig({ cwd: '/srv', file: null, machine: 'mx', settings: all }).config;
}

describe('a listener in words', () => {
  it.each<[ListenerInput, ConfigInput, string, string]>([
    [{}, {}, 'mx, no TLS, no AUTH', ''],
    [{}, USERS, 'mx, no TLS, no AUTH', ''],
    [{}, TLS, 'mx, STARTTLS, no AUTH', ''],
    [{}, BOTH, 'mx, STARTTLS, AUTH over TLS', ''],
    [{ authInClear: true }, BOTH, 'mx, STARTTLS, AUTH', ''],
    [{ authInClear: true }, USERS, 'mx, no TLS, AUTH in clear', ''],
    [{ auth: 'never' }, BOTH, 'mx, STARTTLS, no AUTH', ''],
    [
      { kind: 'submission' },
      BOTH,
      'submission, STARTTLS required, AUTH required',
      ' --tls --auth-user <user>',
    ],
    [
      { kind: 'submission', tls: 'offered' },
      BOTH,
      'submission, STARTTLS, AUTH over TLS required',
      ' --tls --auth-user <user>',
    ],
    [
      { kind: 'submissions' },
      BOTH,
      'submissions, TLS from the start, AUTH required',
      ' --tls-on-connect --auth-user <user>',
    ],
    [
      { kind: 'submission', trustedNetworks: ['10.0.0.0/8'] },
      TLS,
      'submission, STARTTLS required, trusted networks only',
      ' --tls',
    ],
    [{ kind: 'lmtp' }, BOTH, 'lmtp, no TLS, no AUTH', ' --protocol LMTP'],
  ])('%o %o', (input, settings, state, options) => {
    const config = load([input], settings);
    const [listener] = config.listeners;
    expect(listener && listenerState(listener, config)).toBe(state);
    expect(listener && swaksOptions(listener, config)).toBe(options);
  });
});

describe('the listener of the demonstration', () => {
  it('is the first that takes plain SMTP from anybody', () => {
    const listeners: ListenerInput[] = [{ kind: 'lmtp' }, { kind: 'submissions' }, { kind: 'submission' }];
    expect(demoListener(load([...listeners, {}], BOTH))?.name).toBe('smtp');
    expect(demoListener(load(listeners, BOTH))).toBeUndefined();
  });
});

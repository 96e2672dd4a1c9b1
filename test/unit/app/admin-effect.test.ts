import { describe, expect, it } from 'vitest';
import { liveEngineSettings, withAdminSettings, withoutEffect } from '../../../src/app/admin-effect.js';
import { engineSettings } from '../../../src/app/compose-listeners.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import type { EngineSettings } from '../../../src/engine/settings.js';
import { type AdminSettings, adminSettings, NOTHING_SET } from '../../../src/settings/settings-table.js';

const LISTENERS: ConfigInput = {
  listeners: [
    { port: 0 },
    { port: 0, name: 'lmtp', kind: 'lmtp' },
    { port: 0, name: 'strict', tls: 'required', auth: 'required' },
    { port: 0, name: 'secret', tls: 'implicit' },
    { port: 0, name: 'submission', kind: 'submission' },
  ],
  tls: { certificate: 'mx.pem', key: 'mx.key' },
  auth: { usersFile: 'users' },
};

function configOf(settings: ConfigInput = LISTENERS): ReturnType<typeof loadConfig>['config'] {
  return loadConfig({ file: null, machine: 'mx', settings }).config;
}

function base(): EngineSettings {
  return engineSettings(configOf());
}

function given(values: Record<string, unknown>): AdminSettings {
  return adminSettings({ MailSmtp: values });
}

describe('administrative settings over those of postern.yaml', () => {
  it('change nothing where nothing is set', () => {
    expect(withAdminSettings(base(), NOTHING_SET)).toEqual(base());
  });

  it('put greeting and silence on listeners of SMTP', () => {
    const { listeners } = withAdminSettings(base(), given({ smtp_greeting: 'mx.test hi', timeout_smtpd: 7 }));
    expect(listeners.map(({ greeting, idleTimeoutMs }) => [greeting, idleTimeoutMs])).toEqual([
      ['mx.test hi', 7000],
      ['', 300_000],
      ['mx.test hi', 7000],
      ['mx.test hi', 7000],
      ['mx.test hi', 7000],
    ]);
  });

  it('put sizes and numbers on the whole', () => {
    const { limits, initialValues } = withAdminSettings(
      base(),
      given({ databytes: 20, concurrency_incoming: 9 }),
    );
    expect([limits.maxConnections, initialValues.maxDataSize]).toEqual([9, 20_480]);
    expect(withAdminSettings(base(), given({ databytes: 0 })).initialValues.maxDataSize).toBe(4_294_967_295);
    expect(withAdminSettings(base(), given({ databytes: 4_194_303 })).initialValues.maxDataSize).toBe(
      4_294_966_272,
    );
  });

  it.each([
    ['auth_no/tls_no', ['never', false, 'never']],
    ['auth_no/tls_optional', ['never', false, 'offered']],
    ['auth_optional/tls_no', ['offered', true, 'never']],
    ['auth_withtls/tls_optional', ['offered', false, 'offered']],
    ['auth_optional/tls_optional', ['offered', true, 'offered']],
  ])('%s is for mx, and weakens nothing that is required', (mode, offers) => {
    const { listeners } = withAdminSettings(base(), given({ auth_mode: mode }));
    const before = base().listeners;
    expect(listeners.map(({ auth, authInClear, tls }) => [auth, authInClear, tls])).toEqual([
      offers,
      ['never', false, 'never'],
      ['required', before[2]?.authInClear, 'required'],
      [offers[0], offers[1], 'implicit'],
      ['required', before[4]?.authInClear, 'required'],
    ]);
  });

  it('are worked out once for each version', () => {
    let current = NOTHING_SET;
    const now = liveEngineSettings(base(), { current: () => current });
    const first = now();
    expect(now()).toBe(first);
    current = given({ databytes: 1 });
    const second = now();
    expect(second.initialValues.maxDataSize).toBe(1024);
    expect(now()).toBe(second);
  });

  it('tell what cannot do what it says', () => {
    const bare = configOf({ listeners: [{ port: 0, kind: 'lmtp' }] });
    expect(
      withoutEffect(given({ auth_mode: 'auth_withtls/tls_optional' }), bare).map(({ reason }) => reason),
    ).toEqual([
      'there is no listener of the kind mx',
      'AUTH takes auth.usersFile, which is not set',
      'STARTTLS takes tls.certificate, which is not set',
    ]);
    expect(withoutEffect(given({ auth_mode: 'auth_no/tls_no' }), configOf())).toEqual([]);
    expect(withoutEffect(NOTHING_SET, bare)).toEqual([]);
  });

  it('tell of a number of connections that something else keeps from being reached', () => {
    const two = configOf({
      listeners: [
        { port: 0, maxConnections: 20 },
        { port: 0, name: 'b', maxConnections: 30 },
      ],
    });
    const reasons = (connections: number, sockets: number): readonly string[] =>
      withoutEffect(given({ concurrency_incoming: connections }), two, sockets).map(
        ({ setting, reason }) => `${setting}: ${reason}`,
      );
    expect(reasons(50, 50)).toEqual([]);
    expect(reasons(51, 50)).toEqual([
      'MailSmtp.concurrency_incoming: maxConnections of the listeners allow 50 together',
      'MailSmtp.concurrency_incoming: open files are limited to 50 connections',
    ]);
  });
});

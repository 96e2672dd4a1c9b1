import { describe, expect, it } from 'vitest';
import { bannerLines } from '../../../src/app/banner.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';

function banner(settings: ConfigInput): readonly string[] {
  const { config } = loadConfig({ cwd: '/srv', file: null, machine: 'mx', settings });
  const facts = { version: '1.2.3', configFile: undefined, policies: [], metrics: undefined };
  return bannerLines({ ...facts, config, listeners: config.listeners, tookMs: 100, cwd: '/srv' });
}

const BOTH: ConfigInput = {
  tls: { certificate: 'a.pem', key: 'a.key' },
  auth: { usersFile: 'users' },
};

describe('the start message', () => {
  it('has a line for each listener, with what it offers', () => {
    const lines = banner({
      ...BOTH,
      listeners: [{ host: '::1' }, { kind: 'submission' }, { kind: 'submissions' }, { kind: 'lmtp' }],
    });
    const first = lines.findIndex((line) => line.startsWith('  SMTP'));
    expect(lines.slice(first, first + 4)).toEqual([
      '  SMTP      [::1]:2525  (smtp)  mx, STARTTLS, AUTH over TLS',
      '            127.0.0.1:2587  (submission)  submission, STARTTLS required, AUTH required',
      '            127.0.0.1:2465  (submissions)  submissions, TLS from the start, AUTH required',
      '            127.0.0.1:2424  (lmtp)  lmtp, no TLS, no AUTH',
    ]);
  });

  it('shows a way to send that the listener takes', () => {
    expect(banner({ listeners: [{ kind: 'lmtp' }, { port: 25 }] }).join('\n')).toMatch(
      /npm run demo[^]*swaks --server 127\.0\.0\.1:25 --from/,
    );
    const text = banner({ ...BOTH, listeners: [{ kind: 'submissions' }] }).join('\n');
    expect(text).toContain('swaks --server 127.0.0.1:2465 --tls-on-connect --auth-user <user> --from');
    expect(text).not.toContain('npm run demo');
  });
});

import { describe, expect, it } from 'vitest';
import { engineSettings, tellListeners } from '../../../src/app/compose-listeners.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import type { Logger } from '../../../src/core/log.js';
import { silentLogger } from '../../../src/core/log.js';

const load = (settings: ConfigInput) =>
  loadConfig({ cwd: '/srv', file: null, machine: 'mx', settings }).config;

const TLS: ConfigInput = { tls: { certificate: 'a.pem', key: 'a.key' }, auth: { usersFile: 'users' } };

describe('the settings of the engine', () => {
  it('hold every setting of a listener', () => {
    const listener = {
      kind: 'submission',
      name: 'users',
      host: '192.0.2.1',
      port: 587,
      tls: 'offered',
      auth: 'required',
      authInClear: true,
      proxyNetworks: ['10.0.0.1'],
      xclientNetworks: ['10.0.0.2'],
      earlyTalkerDelay: '1s',
      maxConnections: 7,
      maxConnectionsPerIp: 3,
      idleTimeout: '2s',
      commandTimeout: '3s',
      dataTimeout: '4s',
      minDataRate: '1KB',
      trustedNetworks: ['10.0.0.3'],
      lineEnds: 'normalize',
    } as const;
    expect(engineSettings(load({ ...TLS, listeners: [listener] })).listeners).toEqual([
      {
        kind: 'submission',
        name: 'users',
        host: '192.0.2.1',
        port: 587,
        tls: 'offered',
        auth: 'required',
        authInClear: true,
        proxyNetworks: ['10.0.0.1'],
        xclientNetworks: ['10.0.0.2'],
        earlyTalkerDelayMs: 1000,
        maxConnections: 7,
        maxConnectionsPerAddress: 3,
        idleTimeoutMs: 2000,
        commandTimeoutMs: 3000,
        dataTimeoutMs: 4000,
        minDataRate: 1024,
        trustedNetworks: ['10.0.0.3'],
        lineEndings: 'normalize',
        banner: 'ESMTP Postern',
        greeting: '',
        backlog: 4096,
      },
    ]);
  });

  it('know submissions as submission with implicit TLS, and LMTP by its greeting', () => {
    const { listeners } = engineSettings(
      load({ ...TLS, listeners: [{ kind: 'submissions' }, { kind: 'lmtp' }] }),
    );
    expect(listeners).toMatchObject([
      { kind: 'submission', tls: 'implicit', banner: 'ESMTP Postern' },
      { kind: 'lmtp', tls: 'never', banner: 'LMTP Postern' },
    ]);
  });

  it('offer no BINARYMIME by default where mail goes on to another server', () => {
    const offered = (...places: string[]): unknown => {
      const routes = places.map((to, n) => ({ domains: [`d${n}.example`], to }));
      const localDomains = routes.flatMap(({ domains }) => domains);
      return engineSettings(load({ localDomains, delivery: { routes } })).initialValues['allowBinaryData'];
    };
    expect(offered()).toBeUndefined();
    expect(offered('maildir')).toBeUndefined();
    expect(offered('maildir', 'lmtp://127.0.0.1:24')).toBe('no');
    expect(offered('smtp://mail.internal')).toBe('no');
  });

  it('hold the limits', () => {
    const limits = { maxConnections: 12, maxErrors: 3, maxCommandLength: '1KB', maxDataSize: '2MB' };
    const settings = engineSettings(load({ limits }));
    expect(settings.limits).toMatchObject({ maxConnections: 12, maxErrors: 3, maxCommandOctets: 1022 });
    expect(settings.initialValues).toMatchObject({ maxDataSize: 2048, maxRcptCount: 1000 });
  });
});

describe('the start log', () => {
  const told = (settings: ConfigInput): unknown[] => {
    const lines: unknown[] = [];
    const log: Logger = { ...silentLogger, info: (text, fields) => lines.push([text, fields]) };
    tellListeners(load(settings), log);
    return lines;
  };

  it('names the listeners that would offer TLS if there were a certificate', () => {
    expect(told({ listeners: [{}, { kind: 'lmtp' }, { name: 'b', port: 1 }] })).toEqual([
      ['tls.certificate is not set; TLS is not offered', { listeners: 'smtp, b' }],
    ]);
    expect(told({ listeners: [{ tls: 'never' }] })).toEqual([]);
    expect(told(TLS)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { applyEnvironment, environmentName } from '../../../src/app/config-environment.js';
import { findSetting, leafRows, environmentWord } from '../../../src/app/config-keys.js';
import { FROM_DEFAULT } from '../../../src/app/config-origin.js';
import { emptyMap } from '../../../src/app/config-raw.js';
import { loadConfig } from '../../../src/app/load-config.js';

const load = (environment: Record<string, string>) =>
  loadConfig({ cwd: '/srv', file: null, environment, machine: 'mx' }).config;

function complaints(environment: Record<string, string>): string[] {
  return applyEnvironment(emptyMap(FROM_DEFAULT), environment).map((problem) => problem.message);
}

describe('environment variables', () => {
  it('have a name for every setting, and no two share one', () => {
    const names = [...leafRows()].map((row) => environmentName(row.key));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^POSTERN_[A-Z0-9_]+$/);
      expect(findSetting(name.slice('POSTERN_'.length).split('__'), environmentWord)).toBeDefined();
    }
  });

  it('set plain, nested and listed values', () => {
    const config = load({
      POSTERN_HOSTNAME: 'mx.example.com',
      POSTERN_DATA_DIR: '/data',
      POSTERN_WORKERS: '4',
      POSTERN_WATCH_POLICIES: 'off',
      POSTERN_QUEUE__FIRST_RETRY: '90',
      POSTERN_LIMITS__MAX_DATA_SIZE: '20MB',
      POSTERN_LOCAL_DOMAINS: 'example.com, Example.ORG',
      POSTERN_POLICIES: '["./a,b", "./c"]',
      POSTERN_DNS__SERVERS: '',
    });
    expect(config).toMatchObject({
      hostname: 'mx.example.com',
      dataDir: '/data',
      workers: 4,
      watchPolicies: false,
      localDomains: ['example.com', 'example.org'],
      policies: ['/srv/a,b', '/srv/c'],
      delivery: { maildir: '/data/mail' },
    });
    expect(config.queue.firstRetry).toBe(90_000);
    expect(config.limits.maxDataSize).toBe(20_971_520);
    expect(config.dns.servers).toEqual([]);
  });

  it('change one value of a list item and add items in order', () => {
    const { listeners } = load({
      POSTERN_LISTENERS__2__NAME: 'c',
      POSTERN_LISTENERS__2__PORT: '3',
      POSTERN_LISTENERS__1__NAME: 'b',
      POSTERN_LISTENERS__1__PORT: '2',
      POSTERN_LISTENERS__0__HOST: '::1',
    });
    expect(listeners.map(({ name, host, port }) => [name, host, port])).toEqual([
      ['smtp', '::1', 2525],
      ['b', '127.0.0.1', 2],
      ['c', '127.0.0.1', 3],
    ]);
  });

  it('take whole sections and lists of sections as JSON', () => {
    const { listeners, log } = load({
      POSTERN_LISTENERS: '[{"port": 1, "name": "a"}, {"port": 2, "name": "b"}]',
      POSTERN_LOG: '{"level": "debug"}',
    });
    expect(listeners.map((listener) => listener.port)).toEqual([1, 2]);
    expect(log).toEqual({ level: 'debug', format: 'text' });
    expect(complaints({ POSTERN_LOG: 'debug' })).toEqual([
      'environment variable POSTERN_LOG: expected JSON that begins with {',
    ]);
    expect(complaints({ POSTERN_LISTENERS: '2525' })).toEqual([
      'environment variable POSTERN_LISTENERS: expected JSON that begins with [',
    ]);
  });

  it('are refused when unknown, with the nearest name', () => {
    expect(complaints({ POSTERN_HOST_NAME: 'x', POSTERN_QQQ: 'x', POSTERN_: 'x' })).toEqual([
      'environment variable POSTERN_: there is no such setting',
      'environment variable POSTERN_HOST_NAME: there is no such setting; did you mean POSTERN_HOSTNAME?',
      'environment variable POSTERN_QQQ: there is no such setting',
    ]);
  });

  it('leave alone what container platforms make for a service called postern', () => {
    expect(
      complaints({
        POSTERN_SERVICE_HOST: '10.0.0.1',
        POSTERN_SERVICE_PORT: '25',
        POSTERN_SERVICE_PORT_SMTP: '25',
        POSTERN_PORT: 'tcp://10.0.0.1:25',
        POSTERN_PORT_25_TCP: 'tcp://10.0.0.1:25',
        POSTERN_PORT_25_TCP_ADDR: '10.0.0.1',
        POSTERN_CONFIG: '/etc/postern.yaml',
        OTHER: 'x',
      }),
    ).toEqual([]);
  });
});

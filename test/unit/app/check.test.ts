import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CheckDeps, createCheckSteps, runChecks } from '../../../src/app/check.js';
import type { ConfigInput } from '../../../src/app/config-types.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'postern-check-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const WELL: CheckDeps = {
  probePort: async () => ({ status: 'free' }),
  openResolver: () => createFakeResolver({ 'example.com A': ['192.0.2.1'] }),
  probeNextHop: async () => ({ status: 'answers' }),
};

async function findings(settings: ConfigInput, deps: Partial<CheckDeps> = {}): Promise<string[]> {
  const { config } = loadConfig({ cwd, file: null, machine: 'mx', settings: { policies: [], ...settings } });
  const reports = await runChecks(config, createCheckSteps({ ...WELL, ...deps }));
  return reports.flatMap(({ step, findings: found }) =>
    found.map(({ severity, message }) => `${step}: ${severity}: ${message.replaceAll(cwd, '')}`),
  );
}

describe('the checks before a start', () => {
  it('find nothing when all is well, and leave nothing behind', async () => {
    expect(await findings({})).toEqual([]);
    expect(readdirSync(cwd)).toEqual([]);
    mkdirSync(join(cwd, 'var'));
    expect(await findings({})).toEqual([]);
    expect(readdirSync(join(cwd, 'var'))).toEqual([]);
  });

  it('find a file where a folder is needed, at the place itself and above it', async () => {
    writeFileSync(join(cwd, 'file'), '');
    writeFileSync(join(cwd, 'other'), '');
    expect(await findings({ dataDir: 'file/state', delivery: { maildir: 'other' } })).toEqual([
      'data directory: error: dataDir: cannot write to /file/state: /file is not a folder',
      'maildir: error: delivery.maildir: cannot write to /other: /other is not a folder',
    ]);
  });

  it('warn of a port in use and refuse one that cannot be opened', async () => {
    const settings: ConfigInput = { listeners: [{ port: 25 }], metrics: { port: 80 } };
    const probePort: CheckDeps['probePort'] = async (_, port) =>
      port === 80 ? { status: 'inUse' } : { status: 'refused', reason: 'listen EACCES' };
    expect(await findings(settings, { probePort })).toEqual([
      'ports: error: listeners[0]: 127.0.0.1, port 25 cannot be opened: listen EACCES',
      'ports: warning: metrics: 127.0.0.1, port 80 is in use',
    ]);
  });

  it('warn of a next hop that does not answer, once for each', async () => {
    const asked: string[] = [];
    const probeNextHop: CheckDeps['probeNextHop'] = async ({ hop, tls }) => {
      asked.push(`${hop.url} ${tls}`);
      return hop.protocol === 'lmtp' ? { status: 'answers' } : { status: 'silent', reason: 'refused' };
    };
    const routes = [
      { domains: ['example.com'], to: 'lmtp://127.0.0.1' },
      { domains: ['example.org'], to: 'smtp://127.0.0.1', tls: 'never' },
      { domains: ['example.net'], to: 'smtp://127.0.0.1', tls: 'never' },
      { domains: ['localhost'], to: 'maildir' },
    ] as const;
    expect(await findings({ delivery: { routes } }, { probeNextHop })).toEqual([
      'next hops: warning: delivery.routes[1]: smtp://127.0.0.1:25 cannot be used now: refused',
    ]);
    expect(asked).toEqual(['lmtp://127.0.0.1:24 opportunistic', 'smtp://127.0.0.1:25 never']);
  });

  it('do not look at a port that is switched off', async () => {
    const asked: number[] = [];
    const probePort: CheckDeps['probePort'] = async (_, port) => {
      asked.push(port);
      return { status: 'free' };
    };
    await findings({ metrics: { enabled: false } }, { probePort });
    expect(asked).toEqual([2525]);
  });

  it('warn when no name server answers', async () => {
    const openResolver = () => createFakeResolver({ 'example.com A': 'timeout' });
    expect(await findings({ dns: { servers: ['192.0.2.53'] } }, { openResolver })).toEqual([
      'DNS: warning: no answer from 192.0.2.53: timeout',
    ]);
  });

  it('go on when a check fails itself', async () => {
    const { config } = loadConfig({ cwd, file: null });
    const steps = [
      { name: 'broken', run: () => Promise.reject(new Error('no disk')) },
      { name: 'well', run: async () => [] },
    ];
    expect(await runChecks(config, steps)).toMatchObject([
      { step: 'broken', findings: [{ severity: 'error', message: 'the check itself failed: no disk' }] },
      { step: 'well', findings: [] },
    ]);
  });
});

describe('what settings name outside', () => {
  it('is looked for', async () => {
    const settings: ConfigInput = {
      geoip: { country: './no.mmdb', asn: './none.mmdb' },
      queue: { minFreeSpace: '90TB' },
      workers: 8,
    };
    const told = await findings(settings);
    expect(told.find((line) => line.startsWith('free space: error'))).toMatch(
      /below queue\.minFreeSpace \(90TB\)/,
    );
    expect(told.filter((line) => line.startsWith('GeoIP: error'))).toEqual([
      expect.stringMatching(/no\.mmdb cannot be used/),
      expect.stringMatching(/none\.mmdb cannot be used/),
    ]);
    expect(told.find((line) => line.startsWith('effect: warning'))).toMatch(
      /^effect: warning: workers: 8 has the effect of 1/,
    );
  });
});

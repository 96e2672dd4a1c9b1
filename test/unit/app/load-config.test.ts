import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  InvalidConfigError,
  type LoadOptions,
  loadConfig,
  readConfig,
} from '../../../src/app/load-config.js';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'postern-config-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function load(text: string, options: LoadOptions = {}) {
  writeFileSync(join(cwd, 'postern.yaml'), text);
  return loadConfig({ cwd, machine: 'mx.example.com', ...options });
}

function complaints(options: LoadOptions): string[] {
  const outcome = readConfig({ cwd, machine: 'mx', ...options });
  return outcome.status === 'invalid' ? outcome.problems.map((problem) => problem.message) : [];
}

describe('loadConfig', () => {
  it('has no policies where the default folder is not there', () => {
    expect(loadConfig({ cwd, machine: 'mx' }).config.policies).toEqual([]);
    const named = loadConfig({ cwd, machine: 'mx', settings: { policies: ['./policies'] } });
    expect(named.config.policies).toEqual([join(cwd, 'policies')]);
  });

  it('gives every setting its default without a file', () => {
    mkdirSync(join(cwd, 'policies'));
    const { config, file, provenance } = loadConfig({ cwd, machine: 'MX.example.com' });
    expect(file).toBeUndefined();
    expect(config.hostname).toBe('mx.example.com');
    expect(config.dataDir).toBe(join(cwd, 'var'));
    expect(config.delivery.maildir).toBe(join(cwd, 'var', 'mail'));
    expect(config.policies).toEqual([join(cwd, 'policies')]);
    expect(config.listeners).toMatchObject([
      { name: 'smtp', host: '127.0.0.1', port: 2525, idleTimeout: 300_000 },
    ]);
    expect(config.queue).toEqual({
      firstRetry: 300_000,
      maxRetry: 28_800_000,
      lifetime: 604_800_000,
      spoolThreshold: 131_072,
      minFreeSpace: 104_857_600,
    });
    expect(config.limits).toMatchObject({ maxDataSize: 10_240 * 1024, maxRcptCount: 1000 });
    expect(new Set([...provenance.values()].map((origin) => origin.from))).toEqual(new Set(['default']));
  });

  it('takes the name "localhost" when the machine has no valid one', () => {
    expect(loadConfig({ cwd, machine: 'my_machine' }).config.hostname).toBe('localhost');
  });

  it('accepts an empty file, a file of comments and an empty section', () => {
    expect(load('').config.workers).toBe(1);
    expect(load('# nothing\n').config.workers).toBe(1);
    expect(load('queue:\n  # firstRetry: 1m\n').config.queue.firstRetry).toBe(300_000);
  });

  it('reads the sample configuration of the package', () => {
    const file = fileURLToPath(new URL('../../../postern.yaml', import.meta.url));
    const { config } = loadConfig({ file, machine: 'mx' });
    expect(config).toEqual(loadConfig({ file: null, cwd: join(file, '..'), machine: 'mx' }).config);
  });

  it('counts relative paths from the folder of the file', () => {
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc', 'p.yaml'), 'dataDir: ../state\n');
    const { config, file } = loadConfig({ cwd, file: 'etc/p.yaml' });
    expect(config.dataDir).toBe(join(cwd, 'state'));
    expect(config.delivery.maildir).toBe(join(cwd, 'state', 'mail'));
    expect(file).toBe('etc/p.yaml');
  });

  it('lets later sources win and remembers where each value came from', () => {
    const { config, provenance } = load(
      'workers: 2\nqueue:\n  firstRetry: 1m\n  maxRetry: 2h\nlog: {level: warn}\n',
      {
        environment: { POSTERN_QUEUE__MAX_RETRY: '3h', POSTERN_LOG__LEVEL: 'error', HOME: '/root' },
        settings: { log: { level: 'debug' } },
        overrides: [{ key: 'listeners[0].port', value: '0', name: '--port' }],
      },
    );
    expect(config.queue).toMatchObject({ firstRetry: 60_000, maxRetry: 10_800_000 });
    expect(config.log).toEqual({ level: 'debug', format: 'text' });
    expect(provenance.get('workers')).toEqual({ from: 'file', file: 'postern.yaml', line: 1 });
    expect(provenance.get('queue.firstRetry')).toEqual({ from: 'file', file: 'postern.yaml', line: 3 });
    expect(provenance.get('queue.maxRetry')).toEqual({
      from: 'environment',
      name: 'POSTERN_QUEUE__MAX_RETRY',
    });
    expect(provenance.get('log.level')).toEqual({ from: 'override', name: 'settings' });
    expect(provenance.get('log.format')).toEqual({ from: 'default' });
    expect(config.listeners[0]?.port).toBe(0);
    expect(provenance.get('listeners[0].port')).toEqual({ from: 'override', name: '--port' });
    expect(provenance.get('listeners[0].host')).toEqual({ from: 'default' });
  });

  it('gives a configuration that nobody can change', () => {
    const { config } = load('workers: 2\n');
    const all: unknown[] = [config, config.listeners, config.listeners[0], config.queue, config.policies];
    expect(all.every((part) => Object.isFrozen(part))).toBe(true);
  });

  it('follows aliases', () => {
    const { config } = load(
      'listeners:\n  - &one {name: a, host: 127.0.0.1}\nmetrics: {host: &h 127.0.0.1, port: 2}\ndns: {servers: [*h]}\n',
    );
    expect(config.dns.servers).toEqual(['127.0.0.1']);
  });

  it('throws one error that tells everything', () => {
    const attempt = () => load('workers: many\npolicyTimeout: never\n');
    expect(attempt).toThrow(InvalidConfigError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG_VALUE',
        problems: [expect.objectContaining({ code: 'ERR_CONFIG_VALUE' }), expect.anything()],
        message: expect.stringMatching(
          /^postern\.yaml:1: workers: .*\npostern\.yaml:2: policyTimeout: /,
        ) as string,
      }),
    );
  });
});

describe('the configuration file', () => {
  it('must exist when it was named', () => {
    expect(complaints({ file: 'absent.yaml' })).toEqual([
      'absent.yaml: cannot be read: there is no such file',
    ]);
    expect(complaints({ environment: { POSTERN_CONFIG: 'gone.yaml' } })).toEqual([
      'gone.yaml: cannot be read: there is no such file',
    ]);
  });

  it('may not be a folder, too large or anything but UTF-8', () => {
    expect(complaints({ file: '.' })).toEqual(['.: cannot be read: it is a folder']);
    writeFileSync(join(cwd, 'large.yaml'), `# ${'x'.repeat(262_144)}\n`);
    expect(complaints({ file: 'large.yaml' })).toEqual([
      'large.yaml: cannot be read: it is larger than 256 KB',
    ]);
    writeFileSync(join(cwd, 'latin.yaml'), Buffer.from([0x68, 0x3a, 0x20, 0xe9]));
    expect(complaints({ file: 'latin.yaml' })).toEqual(['latin.yaml: cannot be read: it is not UTF-8 text']);
  });

  it('cannot exhaust the program by nesting or aliases', () => {
    const bombs = [
      `a: ${'['.repeat(60_000)}`,
      `a: ${'{a: '.repeat(60_000)}`,
      `a: &a [${'*a,'.repeat(2000)}]`,
      `a: &a [1,1,1,1,1,1,1,1]\n${Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? 'a' : `b${i - 1}`},`.repeat(8)}]`).join('\n')}`,
    ];
    for (const [index, bomb] of bombs.entries()) {
      writeFileSync(join(cwd, `bomb${index}.yaml`), bomb);
      const told = complaints({ file: `bomb${index}.yaml` });
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThan(20);
      expect(told.join()).not.toContain('call stack');
    }
  });

  it('never takes a name for more than a word', () => {
    expect(complaints({ overrides: [{ key: '__proto__.x', value: 1, name: '--set' }] })).toHaveLength(1);
    writeFileSync(join(cwd, 'proto.yaml'), '__proto__: {workers: 3}\nconstructor: 1\ntoString: 2\n');
    expect(complaints({ file: 'proto.yaml' })).toHaveLength(3);
  });
});

describe('settings of a host program', () => {
  it('are checked like the others', () => {
    const settings: unknown = { workers: 1.5, listeners: [{ port: 1, prot: 2 }], policies: () => [] };
    expect(complaints({ settings: settings as NonNullable<LoadOptions['settings']> })).toEqual([
      'settings: policies: expected a list: one "- item" a line, or [item, item]',
      'settings: workers: expected a whole number from 0 to 256, got 1.5',
      'settings: listeners[0].prot: there is no such setting; did you mean "listeners[0].port"?',
    ]);
  });

  it('may leave out what they do not care about', () => {
    const { config } = loadConfig({
      file: null,
      settings: { listeners: [{ port: 0 }], policyTimeout: '2s', limits: { maxDataSize: 5000 } },
    });
    expect(config.listeners[0]).toMatchObject({ host: '127.0.0.1', port: 0 });
    expect(config.policyTimeout).toBe(2000);
    expect(config.limits.maxDataSize).toBe(5000);
  });
});

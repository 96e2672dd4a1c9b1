/** The built `postern check` on wrong configurations and on the sample, as an operator runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
const BAD = join(ROOT, 'test', 'e2e', 'bad-configs');

async function postern(words: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd, env: { PATH: process.env['PATH'] ?? '' } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-check-e2e-'));
  mkdirSync(join(folder, 'policies'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('postern check', () => {
  it.each(['01-unknown-key', '21-two-listeners-one-port', '40-everything-at-once'])(
    'refuses %s',
    async (name) => {
      const { status, out, err } = await postern(['check', '--config', 'postern.yaml'], join(BAD, name));
      const expected = readFileSync(join(BAD, name, 'expected.txt'), 'utf8')
        .trim()
        .split('\n');
      expect(status).toBe(1);
      expect(out).toBe('');
      const told = err.trim().split('\n');
      expect(told.filter((line) => line.startsWith('postern: '))).toEqual(
        expected.map((line) => `postern: ${line}`),
      );
      expect(told.filter((line) => line.startsWith('  what to do: '))).toHaveLength(expected.length);
    },
  );

  it('finds nothing wrong with a small configuration', async () => {
    writeFileSync(
      join(folder, 'postern.yaml'),
      'listeners: [{port: 0}]\nmetrics: {port: 0}\ndns: {servers: ["127.0.0.1:9"], timeout: 100ms}\n',
    );
    const { status, out, err } = await postern(['check'], folder);
    expect(err).toBe('');
    expect(out).toContain(
      'checking postern.yaml\nconfiguration     ok\npolicies          ok\ndata directory    ok\nfree space        ok\nmaildir           ok\nnext hops         ok\nTLS               ok\n',
    );
    expect(out).toMatch(/^ports +ok$/m);
    expect(out).toMatch(/^DNS +warning: no answer from 127\.0\.0\.1:9: /m);
    expect(status).toBe(0);
  });

  it('sees a port that another program holds', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const words = [
      'check',
      '--port',
      String(port),
      '--set',
      'metrics.enabled=false',
      '--set',
      'dns.timeout=100ms',
      '--strict',
    ];
    const { status, out } = await postern(words, folder);
    other.close();
    expect(out).toContain(`warning: listeners[0]: 127.0.0.1, port ${port} is in use`);
    expect(status).toBe(1);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'postern-cli-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

async function run(words: readonly string[], environment: Record<string, string> = {}) {
  const terminal = createTerminalDouble(cwd, environment);
  const status = await runCli(words, terminal, COMMANDS);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

describe('postern config explain', () => {
  it('shows value and origin of each setting', async () => {
    writeFileSync(join(cwd, 'postern.yaml'), '\nqueue:\n  firstRetry: 90\n');
    const { status, out } = await run(['config', 'explain', '--port', '0', '--data-dir', 'state'], {
      POSTERN_WORKERS: '3',
    });
    expect(status).toBe(0);
    expect(out).toMatch(/^configuration file postern\.yaml\n\nSETTING +VALUE +FROM\n/);
    expect(out).toMatch(/^queue\.firstRetry +90s +postern\.yaml:3$/m);
    expect(out).toMatch(/^queue\.maxRetry +8h +default$/m);
    expect(out).toMatch(/^workers +3 +POSTERN_WORKERS$/m);
    expect(out).toMatch(/^listeners\[0\]\.port +0 +--port$/m);
    expect(
      out
        .split('\n')
        .find((line) => line.startsWith('dataDir'))
        ?.split(/ {2,}/),
    ).toEqual(['dataDir', join(cwd, 'state'), '--data-dir']);
  });

  it('shows one setting with its meaning, or one section', async () => {
    const one = await run(['config', 'explain', 'listeners.0.port']);
    expect(one.out).toMatch(/listeners\[0\]\.port +2525 +default\nTCP port/);
    const section = await run(['config', 'explain', 'log']);
    expect(section.out.match(/^log\./gm)).toHaveLength(2);
  });

  it('answers 1 for what is no setting', async () => {
    const { status, err } = await run(['config', 'explain', 'quue']);
    expect(status).toBe(1);
    expect(err).toBe('postern: there is no setting "quue"\n  what to do: Did you mean "queue"?');
  });

  it('gives JSON', async () => {
    const { out } = await run(['config', 'explain', 'log.level', '-o', 'json', '--set', 'log.level=warn']);
    expect(JSON.parse(out)).toEqual([{ key: 'log.level', value: 'warn', text: 'warn', from: '--set' }]);
  });

  it('tells every mistake', async () => {
    const { status, err } = await run(['config', 'explain', '--set', 'wokers=1', '--set', 'outbound=all']);
    expect(status).toBe(1);
    expect(err).toContain('--set: wokers: there is no such setting; did you mean "workers"?');
    expect(err).toContain('--set: outbound: expected one of none, direct, got "all"');
  });
});

describe('postern config schema', () => {
  it('prints the JSON Schema', async () => {
    const { out } = await run(['config', 'schema']);
    expect(JSON.parse(out)).toMatchObject({ title: 'postern.yaml', additionalProperties: false });
  });
});

/** The watchdog on the built program, in a child process: a loop can only be tested by looping. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BlockedReport } from '../../../../src/hooks/watchdog/report.js';
import { tooOften } from '../../../../src/hooks/watchdog/watchdog.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const HOST = fileURLToPath(new URL('../../../fixtures/watchdog-host.mjs', import.meta.url));
const DIST = fileURLToPath(new URL('../../../../dist', import.meta.url));

interface Said {
  readonly name: string;
  readonly policy?: string;
  readonly event?: string;
  readonly at?: string;
  readonly ms?: number;
  readonly action?: string;
  readonly code?: string;
  readonly reason?: string;
}

interface Ended {
  readonly said: readonly Said[];
  readonly stderr: string;
  readonly signal: NodeJS.Signals | null;
  readonly file: string;
}

interface Settings {
  readonly event: string;
  readonly runs: number;
  readonly kill?: boolean;
  readonly reportFile?: string;
  readonly afterMs?: number;
}

/**
 * Runs the host on a policy file of these lines. A loop of `spin` ends once the alarm was heard here,
 * so that a busy machine, where everything takes longer, changes nothing.
 */
async function host(lines: readonly string[], settings: Settings): Promise<Ended> {
  const file = join(tempFolder(), 'policy.ts');
  writeFileSync(file, lines.join('\n'));
  const child = spawn(process.execPath, [HOST, DIST, file, JSON.stringify(settings)]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => (stdout += String(piece)));
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
    const alarms = stderr.split('\n').length - 1;
    if (alarms > 0) writeFileSync(`${file}.heard-${alarms}`, '');
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (_code, by) => resolve(by));
  });
  const said = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Said]));
  return { said, stderr, signal, file };
}

const policy = (...body: readonly string[]): readonly string[] => [
  "import { existsSync } from 'node:fs';",
  "import { definePolicy } from 'postern/policy';",
  'let loops = 0;',
  'function spin(): void {',
  '  loops += 1;',
  '  while (!existsSync(`${__filename}.heard-${loops}`)) Math.sqrt(loops);',
  '}',
  'export default [',
  "  definePolicy({ name: 'innocent', onConnect: () => undefined, onEhlo: () => undefined }),",
  '  definePolicy({',
  "    name: 'looping',",
  '    onRcptTo: () => undefined,',
  '    async onConnect(ctx) {',
  ...body.map((line) => `      ${line}`),
  '    },',
  '  }),',
  '];',
];
/** Where `spin` loops. */
const SPIN_LINE = 6;

const once: Settings = { event: 'onConnect', runs: 1 };

describe('the watchdog names policy, event and line', () => {
  it.each([
    ['from its start', ['spin();']],
    ['after a method of the context', ["await ctx.checkDNSBL('bl.example');", 'spin();']],
    ['after waiting for something else', ['await new Promise((r) => setTimeout(r, 150));', 'spin();']],
  ])('of a loop %s', async (_, body) => {
    const { said, stderr, file } = await host(policy(...body), once);
    expect(said).toMatchObject([
      { name: 'policy.blocked', policy: 'looping', event: 'onConnect', at: `${file}:${SPIN_LINE}` },
      { name: 'outcome', action: '', code: '' },
      { name: 'end' },
    ]);
    expect(said[0]?.ms).toBeGreaterThanOrEqual(200);
    expect(JSON.parse(stderr.trim())).toMatchObject({
      level: 'error',
      msg: 'the main thread is blocked',
      policy: 'looping',
      event: 'onConnect',
      at: `${file}:${SPIN_LINE}`,
    });
  });

  it('before the process is ended for its supervisor', async () => {
    const reportFile = join(tempFolder(), 'blocked.json');
    const { said, signal, file } = await host(policy('for (;;);'), { ...once, kill: true, reportFile });
    expect(signal).toBe('SIGKILL');
    expect(said).toEqual([]);
    expect(JSON.parse(readFileSync(reportFile, 'utf8')) as BlockedReport).toMatchObject({
      policy: 'looping',
      event: 'onConnect',
      at: `${file}:14`,
    });
  });

  it('before the process is ended, also when no report can be written', async () => {
    const reportFile = join(tempFolder(), 'missing', 'blocked.json');
    const { signal, stderr } = await host(policy('for (;;);'), { ...once, kill: true, reportFile });
    expect(signal).toBe('SIGKILL');
    expect(stderr).toContain('the main thread is blocked');
  });

  it('and has the policy disabled when it was too often, where the process is not ours to end', async () => {
    const { said } = await host(policy('spin();'), { event: 'onConnect', runs: 3 });
    expect(
      said.map(({ name, policy, action, code, reason }) => [name, policy ?? action, code ?? reason]),
    ).toEqual([
      ['policy.blocked', 'looping', undefined],
      ['outcome', '', ''],
      ['policy.blocked', 'looping', undefined],
      ['policy.disabled', 'looping', 'it blocked the main thread 2 times'],
      ['outcome', '', ''],
      ['outcome', 'tmpreject', 'ERR_POLICY_DISABLED'],
      ['end', undefined, undefined],
    ]);
  });
});

describe('the watchdog is silent', () => {
  it('for a policy that waits long and lets others work', async () => {
    const reportFile = join(tempFolder(), 'blocked.json');
    const body = ['for (let i = 0; i < 12; i += 1) await new Promise((r) => setTimeout(r, 100));'];
    const { said, stderr } = await host(policy(...body), { ...once, afterMs: 1000, reportFile });
    expect(said).toEqual([{ name: 'outcome', action: '', code: '' }, { name: 'end' }]);
    expect(stderr).toBe('');
    expect(existsSync(reportFile)).toBe(false);
  });
});

describe('too often', () => {
  const settings = { disableAfter: 3, windowMs: 600_000 };

  it.each([
    [[], false],
    [[0, 1], false],
    [[0, 1, 2], true],
    [[0, 599_999, 600_000], true],
    [[0, 600_001, 600_002], false],
  ])('is three times in ten minutes: %j is %s', (times, expected) => {
    expect(tooOften(times, times.at(-1) ?? 0, settings)).toBe(expected);
  });
});

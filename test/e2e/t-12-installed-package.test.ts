/**
 * The package as `npm pack` makes it, installed in somebody's project: its command runs policy
 * files, its modules are imported, its types hold. Only declared dependencies are within reach.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tmpdir } from 'node:os';
import { runProgram } from '../helpers/postern-command.js';
import { policyText, ROOT, tempProject, type TempProject } from '../helpers/temp-project.js';

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Where the tarball was unpacked, and what is in it. */
let unpacked = '';
let packed: readonly string[] = [];

beforeAll(async () => {
  unpacked = mkdtempSync(join(tmpdir(), 'postern-pack-'));
  const words = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', unpacked];
  const { out, err } = await runProgram('npm', words, { cwd: ROOT });
  const [report] = JSON.parse(out || '[]') as { filename: string; files: { path: string }[] }[];
  if (!report) throw new Error(`npm pack: ${err}`);
  packed = report.files.map(({ path }) => path);
  await runProgram('tar', ['xzf', report.filename], { cwd: unpacked });
});
afterAll(() => {
  rmSync(unpacked, { recursive: true, force: true });
});

/** A project with the package and nothing but its declared dependencies in node_modules. */
async function projectWith(files: Readonly<Record<string, string>>): Promise<TempProject> {
  const project = tempProject({ 'package.json': '{ "type": "module", "private": true }', ...files });
  const modules = project.path('node_modules');
  mkdirSync(modules);
  await runProgram('cp', ['-r', join(unpacked, 'package'), join(modules, 'postern')], { cwd: unpacked });
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageFile;
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  return project;
}

async function node(project: TempProject, ...words: string[]) {
  return await runProgram(process.execPath, words, { cwd: project.folder });
}

describe('the package', () => {
  it('holds what is run and read, and no sources, tests or build records', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'package.json',
        'dist/cli/main.js',
        'dist/index.d.ts',
        'dist/policy.d.ts',
        'etc/postern.schema.json',
        'policies/20-blocked-senders.ts',
        'docs/reference/events.md',
      ]),
    );
    const unwanted = packed.filter((path) =>
      /^(?:src|test|bench|scripts|var)\/|^dist\/\.|\.tsbuildinfo$/.test(path),
    );
    expect(unwanted).toEqual([]);
  });

  it('runs policy files, .ts and .js, that import postern/policy', async () => {
    const project = await projectWith({
      'policies/a.ts': policyText('a', 'onMailFrom(ctx) { const from: string = ctx.mailFrom; void from; },'),
      'policies/b.js': policyText('b', 'onConnect() {},'),
    });
    const { out, err, status } = await node(
      project,
      'node_modules/postern/dist/cli/main.js',
      'policy',
      'list',
    );
    expect(err).toBe('');
    expect(out).toMatch(/^a +onMailFrom +tmpreject +\S+a\.ts$/m);
    expect(out).toMatch(/^b +onConnect +tmpreject +\S+b\.js$/m);
    expect(status).toBe(0);
  });

  it('is imported by a host program in plain JavaScript', async () => {
    const project = await projectWith({
      'host.js': `import { createEngine, isEngineError } from 'postern';
import { definePolicy, rule } from 'postern/policy';
const policies = [definePolicy({ name: 'p', onConnect() {} })];
const settings = { listeners: [{ port: 0 }], metrics: { enabled: false }, dataDir: './data' };
const engine = createEngine({ settings, policies });
const [listener] = await engine.start();
await engine.stop();
console.log(listener.port > 0, typeof isEngineError, typeof rule);
`,
    });
    const { out, err, status } = await node(project, 'host.js');
    expect(err).toBe('');
    expect(out).toBe('true function function\n');
    expect(status).toBe(0);
  });

  it('exports nothing else', async () => {
    const project = await projectWith({});
    const script = `await import('postern/dist/app/postern.js')`;
    const { err } = await node(project, '--input-type=module', '--eval', script);
    expect(err).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

describe('its types', () => {
  const TSCONFIG = JSON.stringify({
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      types: ['node'],
      // What is shipped must hold by itself.
      skipLibCheck: false,
    },
    include: ['*.ts', 'policies'],
  });
  const tsc = async (project: TempProject) =>
    await node(project, join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');

  it('hold for the sample policies, a host program and the example of the docs', async () => {
    const samples = readdirSync(join(ROOT, 'policies')).map((name): [string, string] => [
      `policies/${name}`,
      readFileSync(join(ROOT, 'policies', name), 'utf8'),
    ]);
    const page = readFileSync(join(ROOT, 'docs', 'embedding.md'), 'utf8');
    const example = /```js\n([^]*?)```/.exec(page)?.[1] ?? '';
    const project = await projectWith({
      'tsconfig.json': TSCONFIG,
      ...Object.fromEntries(samples),
      'host.ts': `import { createEngine, type Engine, type ConfigInput, type FactMap } from 'postern';
const settings: ConfigInput = { listeners: [{ port: 2525 }], queue: { firstRetry: '5m' } };
export const engine: Engine = createEngine({ settings });
engine.on('message.queued', ({ size }: FactMap['message.queued']) => size.toFixed());
`,
      // TypeScript asks of an array's first item whether it is there; JavaScript does not.
      'example.ts': example.replace('const [listener]', 'const [listener = { host: "", port: 0 }]'),
    });
    const { out, status } = await tsc(project);
    expect(out).toBe('');
    expect(status).toBe(0);
  });

  it('refuse what the engine would refuse', async () => {
    const project = await projectWith({
      'tsconfig.json': TSCONFIG,
      'policies/wrong.ts': policyText(
        'wrong',
        `onConnect(ctx) {
    ctx.remoteSmtpIp = '192.0.2.1';
    ctx.smtpAction = 'maybe';
    void ctx.mailFrom;
  },`,
      ),
    });
    const { out, status } = await tsc(project);
    expect(out).toMatch(/wrong\.ts\(6,9\): error TS2540: Cannot assign to 'remoteSmtpIp'/);
    expect(out).toMatch(/wrong\.ts\(7,5\): error TS2322: Type '"maybe"'/);
    expect(out).toMatch(/wrong\.ts\(8,14\): error TS2339: Property 'mailFrom' does not exist/);
    expect(status).not.toBe(0);
  });
});

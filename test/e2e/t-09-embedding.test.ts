/**
 * createEngine in a host program: the example of the docs, policies as objects, several engines
 * side by side, and a start or stop that leaves nothing behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createEngine,
  type Engine,
  type EngineOptions,
  type FactMap,
  isEngineError,
} from '../../src/index.js';
import { definePolicy } from '../../src/policy.js';
import { eventually } from '../helpers/eventually.js';
import { firstMailFor } from '../helpers/maildir.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { hostProject } from '../helpers/installed-package.js';
import { cleanEnvironment } from '../helpers/postern-command.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { policyText, ROOT, tempProject } from '../helpers/temp-project.js';

/** An engine on a free port, stopped with the test. */
function engineIn(dataDir: string, options: EngineOptions = {}): Engine {
  const engine = createEngine({
    policies: [],
    ...options,
    settings: { listeners: [{ port: 0 }], metrics: { enabled: false }, dataDir, ...options.settings },
  });
  onTestFinished(() => engine.stop());
  return engine;
}

async function startOn(engine: Engine): Promise<{ readonly port: number }> {
  const [bound] = await engine.start();
  return { port: bound?.port ?? 0 };
}

const REFUSING = definePolicy({
  name: 'refusing',
  onMailFrom(ctx) {
    ctx.smtpAction = 'reject';
    ctx.smtpExplanation = '550 5.7.1 not here';
  },
});

interface Host {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly end: Promise<unknown>;
}

/** Runs a host program of a project. */
function runHost(folder: string, script: string): Host {
  const child = spawn(process.execPath, [script], { cwd: folder, env: cleanEnvironment() });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const end = once(child, 'close').then(([status, signal]: (number | string | null)[]) => status ?? signal);
  return { child, output: () => output, end };
}

describe('the example of docs/embedding.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'embedding.md'), 'utf8');
  const example = /```js\n([^]*?)```/.exec(page)?.[1] ?? '';

  it('has at most twenty lines', () => {
    expect(example).toContain('createEngine({');
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('runs as it stands', async () => {
    const project = hostProject({ 'host.js': example });
    const host = runHost(project.folder, 'host.js');
    const said = await eventually('the address', () => /^SMTP on 127\.0\.0\.1:(\d+)$/m.exec(host.output()), {
      about: host.output,
    });
    const transport = createTransport({ host: '127.0.0.1', port: Number(said[1]) });
    const mail = { from: 'a@example.org', text: 'hello' };
    await expect(transport.sendMail({ ...mail, to: 'noise@example.com' })).rejects.toMatchObject({
      response: expect.stringMatching(/^550 5\.7\.1 no noise, please \(ref \S+\)$/) as string,
    });
    await transport.sendMail({ ...mail, to: 'me@example.com' });
    await firstMailFor(project.path('data/mail'), 'me@example.com');
    expect(host.output()).toMatch(/^accepted [0-9a-z]+-1, \d+ octets$/m);
    host.child.kill('SIGTERM');
    expect(await host.end).toBe(0);
    expect(existsSync(project.path('data/queue/lock'))).toBe(false);
  });
});

describe('an engine', () => {
  it('runs policies that are objects, and tells what happens and why', async () => {
    const engine = engineIn(tempFolder(), { policies: [false, [REFUSING]] });
    const answered: FactMap['command.answered'][] = [];
    engine.on('command.answered', (fact) => answered.push(fact));
    const end = engine.on('session.opened', () => {
      throw new Error('a subscriber may throw');
    });
    const peer = await greetedPeer(await startOn(engine));
    const [reply = ''] = (await peer.say('MAIL FROM:<a@example.org>')).lines;
    expect(reply).toMatch(/^550 5\.7\.1 not here \(ref \S+\)$/);
    expect(answered.find(({ verb }) => verb === 'MAIL')).toMatchObject({ code: 550, decidedBy: 'refusing' });
    end();
    await peer.say('QUIT');
    const lines = await engine.explain(/\(ref (\S+)\)/.exec(reply)?.[1] ?? '');
    expect(lines?.join('\n')).toContain('reject, decided by refusing');
    expect(await engine.explain('nobody@example.org')).toBeUndefined();
    expect(await engine.metrics()).toMatch(
      /^postern_policy_runs_total\{policy="refusing",event="onMailFrom",verdict="reject"\} 1$/m,
    );
  });

  it('runs objects before files, and loads the files again when asked', async () => {
    const project = tempProject({
      'policies/a.ts': policyText('a', `onMailFrom(ctx) { ctx.smtpAction = 'tmpreject'; },`),
    });
    const passing = definePolicy({ name: 'passing', onMailFrom: () => undefined });
    const engine = engineIn(project.path('var'), {
      policies: passing,
      settings: { policies: [project.path('policies')], watchPolicies: false },
    });
    const server = await startOn(engine);
    expect((await (await greetedPeer(server)).say('MAIL FROM:<a@b.test>')).code).toBe(451);
    project.write('policies/a.ts', policyText('a', 'onMailFrom() {},'));
    expect(await engine.reloadPolicies()).toBe('loaded');
    expect((await (await greetedPeer(server)).say('MAIL FROM:<a@b.test>')).code).toBe(250);
    project.write('policies/a.ts', 'export default 1;');
    expect(await engine.reloadPolicies()).toBe('kept');
  });

  it('runs beside another one with other settings and policies', async () => {
    const one = engineIn(tempFolder(), { settings: { hostname: 'one.test', localDomains: ['one.test'] } });
    const two = engineIn(tempFolder(), { settings: { hostname: 'two.test' }, policies: REFUSING });
    const first = await greetedPeer(await startOn(one));
    const second = await greetedPeer(await startOn(two));
    expect(first.received()).toMatch(/^220 one\.test /);
    expect(second.received()).toMatch(/^220 two\.test /);
    expect((await first.say('MAIL FROM:<a@example.org>')).code).toBe(250);
    expect((await second.say('MAIL FROM:<a@example.org>')).code).toBe(550);
    await two.stop();
    expect((await first.say('RCPT TO:<x@one.test>')).code).toBe(250);
    expect(await one.metrics()).not.toContain('refusing');
  });

  it('gives the same addresses to a second start, and ends at any number of stops', async () => {
    const engine = engineIn(tempFolder());
    await engine.stop();
    const [one, two] = await Promise.all([engine.start(), engine.start()]);
    expect(two).toEqual(one);
    await Promise.all([engine.stop(), engine.stop()]);
    // The addresses of the first start are no longer ours; to give them again would be a lie.
    await expect(engine.start()).rejects.toThrow('the engine has been stopped');
  });

  it('names a loop of a policy, disables it, and leaves the process alone', async () => {
    const looping = definePolicy({
      name: 'looping',
      onMailFrom() {
        const until = performance.now() + 700;
        while (performance.now() < until);
      },
    });
    const engine = engineIn(tempFolder(), {
      policies: looping,
      settings: { watchdog: { after: '200ms', disableAfter: 1 } },
    });
    const blocked: FactMap['policy.blocked'][] = [];
    engine.on('policy.blocked', (fact) => blocked.push(fact));
    const peer = await greetedPeer(await startOn(engine));
    expect((await peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
    await eventually('the report', () => blocked.length > 0);
    expect(blocked[0]).toMatchObject({ policy: 'looping', event: 'onMailFrom' });
    await peer.say('RSET');
    expect((await peer.say('MAIL FROM:<a@example.org>')).lines[0]).toMatch(/^451 4\.3\.0 /);
  });
});

describe('a start that fails', () => {
  it('leaves no port and no lock, and stopping it does no harm', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const dataDir = tempFolder();
    const engine = engineIn(dataDir, {
      settings: {
        listeners: [
          { name: 'free', port: 0 },
          { name: 'taken', port },
        ],
      },
    });
    const failure: unknown = await engine.start().catch((error: unknown) => error);
    expect(isEngineError(failure, 'ERR_LISTEN')).toBe(true);
    expect(String(failure)).toContain(`cannot listen on 127.0.0.1:${port}`);
    other.close();
    await engine.stop();
    await expect(engine.start()).rejects.toBe(failure);
    await engineIn(dataDir).start();
  });

  it('tells what is wrong with settings and policies', async () => {
    const wrong = { settings: { listeners: [{ prot: 1 }] } } as unknown as EngineOptions;
    await expect(createEngine({ policies: [], ...wrong }).start()).rejects.toThrow(/prot.*port/);
    const misspelt = { name: 'x', onMailFrm: () => undefined };
    const policies = definePolicy(misspelt as Parameters<typeof definePolicy>[0]);
    await expect(engineIn(tempFolder(), { policies }).start()).rejects.toMatchObject({
      code: 'ERR_POLICY_UNKNOWN_EVENT',
    });
  });

  it('says which engine holds the data directory', async () => {
    const dataDir = tempFolder();
    await engineIn(dataDir).start();
    await expect(engineIn(dataDir).start()).rejects.toMatchObject({ code: 'ERR_QUEUE_LOCKED' });
  });
});

describe('a host program ends by itself', () => {
  const host = (body: string): string => `import { createEngine } from 'postern';
const settings = { listeners: [{ port: 0 }], metrics: { port: 0 }, dataDir: './data', dns: { servers: ['127.0.0.1:9'] } };
${body}
console.log('done');
`;

  it.each([
    [
      'after start and stop',
      `const engine = createEngine({ settings }); await engine.start(); await engine.stop();`,
    ],
    ['when nothing was started', `createEngine({ settings });`],
    [
      'after a start that failed',
      `settings.policies = ['./missing.ts']; await createEngine({ settings }).start().catch((e) => console.log(e.code));`,
    ],
  ])('%s', async (_when, body) => {
    const project = hostProject({ 'host.js': host(body) });
    const { end, output } = runHost(project.folder, 'host.js');
    expect(await end).toBe(0);
    expect(output()).toMatch(/^(?:ERR_POLICY_PATH\n)?done\n$/);
    expect(existsSync(project.path('data/queue/lock'))).toBe(false);
  });
});

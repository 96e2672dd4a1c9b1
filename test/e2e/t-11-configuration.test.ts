/**
 * Settings as operators give them: the environment of a container, a file, options; and the
 * commands that show and check them before a start.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { firstMailFor } from '../helpers/maildir.js';
import { runPostern } from '../helpers/postern-command.js';
import { spawnPostern, startPostern } from '../helpers/start-postern.js';
import { policyText, ROOT, tempProject } from '../helpers/temp-project.js';

const CONTAINER = {
  POSTERN_HOSTNAME: 'mx.test',
  POSTERN_LISTENERS__0__HOST: '0.0.0.0',
  POSTERN_LISTENERS__0__PORT: '0',
  POSTERN_METRICS__PORT: '0',
  POSTERN_DATA_DIR: 'volume',
  POSTERN_LOCAL_DOMAINS: 'one.test,two.test',
  POSTERN_LIMITS__MAX_DATA_SIZE: '2KB',
  POSTERN_LOG__FORMAT: 'json',
  // A container platform adds these for a service called "postern".
  POSTERN_SERVICE_HOST: '10.0.0.1',
  POSTERN_SERVICE_PORT: '25',
  POSTERN_PORT: 'tcp://10.0.0.1:25',
  POSTERN_PORT_25_TCP_ADDR: '10.0.0.1',
};

describe('settings from the environment', () => {
  it('are in force, as in a container', async () => {
    const project = tempProject({ 'postern.yaml': 'hostname: other.test\nlocalDomains: [three.test]\n' });
    const postern = await startPostern({ cwd: project.folder, env: CONTAINER, words: [] });
    expect(postern.banner()).toMatch(/^ {2}SMTP +0\.0\.0\.0:\d+ /m);
    const peer = await greetedPeer(postern);
    expect(peer.received()).toMatch(/^220 mx\.test [^]*250-SIZE 2048\r\n/);
    await peer.say('MAIL FROM:<a@example.org>');
    expect((await peer.say('RCPT TO:<b@three.test>')).code).toBe(550);
    expect((await peer.say('RCPT TO:<b@two.test>')).code).toBe(250);
    await peer.say('DATA');
    expect((await peer.say('Subject: x\r\n\r\nx\r\n.')).code).toBe(250);
    expect((await peer.say('MAIL FROM:<a@example.org> SIZE=2049')).lines[0]).toMatch(/^552 5\.3\.4 /);
    await firstMailFor(project.path('volume/mail'), 'b@two.test');
    const lines = postern.log().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ level: 'info', msg: 'message accepted', recipients: 1 }),
    );
  });

  it('that do not exist or make no sense are refused with all their names', async () => {
    const failed = spawnPostern({
      cwd: tempProject().folder,
      env: { POSTERN_HOST_NAME: 'mx.test', POSTERN_METRICS__PORT: 'many' },
      words: [],
    });
    expect(await failed.ended()).toEqual({ status: 1, signal: null });
    expect(failed.log()).toMatch(
      /postern: environment variable POSTERN_HOST_NAME: there is no such setting; did you mean POSTERN_HOSTNAME\?/,
    );
    expect(failed.log()).toMatch(/postern: environment variable POSTERN_METRICS__PORT: /);
    expect(failed.banner()).toBe('');
  });

  it('name the file, and options win over both', async () => {
    const project = tempProject({ 'etc/mine.yaml': 'hostname: file.test\n' });
    const env = { POSTERN_CONFIG: 'etc/mine.yaml', POSTERN_DATA_DIR: 'env-data' };
    const words = ['config', 'explain', '--data-dir', 'opt-data', '--set', 'log.level=debug'];
    const { out } = await runPostern(words, { cwd: project.folder, env });
    const row = (key: string): string[] =>
      new RegExp(`^${key} +(\\S+) +(.+)$`, 'm').exec(out)?.slice(1) ?? [];
    expect(out).toContain('configuration file etc/mine.yaml');
    expect(row('hostname')).toEqual(['file.test', 'etc/mine.yaml:1']);
    expect(row('dataDir')).toEqual([project.path('opt-data'), '--data-dir']);
    expect(row('log\\.level')).toEqual(['debug', '--set']);
    expect(row('outbound')).toEqual(['none', 'default']);
  });
});

describe('postern config', () => {
  it('explains one setting or section, with where it came from', async () => {
    const { folder } = tempProject({ 'postern.yaml': '# mine\nqueue:\n  maxRetry: 1h\n' });
    const env = { POSTERN_QUEUE__FIRST_RETRY: '30s' };
    const { out, status } = await runPostern(['config', 'explain', 'queue', '-o', 'json'], {
      cwd: folder,
      env,
    });
    expect(status).toBe(0);
    const rows = JSON.parse(out) as { key: string }[];
    expect(rows).toContainEqual({
      key: 'queue.maxRetry',
      value: 3_600_000,
      text: '1h',
      from: 'postern.yaml:3',
    });
    expect(rows).toContainEqual({
      key: 'queue.firstRetry',
      value: 30_000,
      text: '30s',
      from: 'POSTERN_QUEUE__FIRST_RETRY',
    });
    expect(rows.every(({ key }) => key.startsWith('queue.'))).toBe(true);
    const missing = await runPostern(['config', 'explain', 'queu'], { cwd: folder });
    expect(missing.err).toContain('there is no setting "queu"\n  what to do: Did you mean "queue"?');
    expect(missing.status).toBe(1);
  });

  it('prints the schema that is shipped', async () => {
    const { out } = await runPostern(['config', 'schema'], { cwd: ROOT });
    const shipped = readFileSync(join(ROOT, 'etc', 'postern.schema.json'), 'utf8');
    expect(JSON.parse(out)).toEqual(JSON.parse(shipped));
  });
});

const POLICIES = {
  'policies/20-b.js': `import { definePolicy } from 'postern/policy';
export default [
  definePolicy({ name: 'b', onFailure: 'accept', onRcptTo() {}, onConnect() {} }),
  definePolicy({ name: 'c', onEhlo() {} }),
];
`,
  'policies/10-a.ts': policyText('a', 'onMailFrom() {},'),
  'policies/notes.md': 'no policy',
};

describe('postern policy list', () => {
  it('shows the policies in their order, with events, fail mode and file', async () => {
    const project = tempProject(POLICIES);
    const { out, status } = await runPostern(['policy', 'list', '-o', 'json'], { cwd: project.folder });
    expect(status).toBe(0);
    const rows = JSON.parse(out) as { name: string; events: string[]; onFailure: string; file: string }[];
    expect(rows.slice(0, 3)).toEqual([
      expect.objectContaining({ name: 'a', events: ['onMailFrom'], onFailure: 'tmpreject' }),
      expect.objectContaining({ name: 'b', events: ['onConnect', 'onRcptTo'], onFailure: 'accept' }),
      expect.objectContaining({ name: 'c', events: ['onEhlo'], file: project.path('policies/20-b.js') }),
    ]);
    expect(rows.slice(3).every(({ name }) => name.startsWith('internal:'))).toBe(true);
    const text = await runPostern(['policy', 'list'], { cwd: project.folder });
    expect(text.out).toMatch(/^POLICY +EVENTS +ON FAILURE +FILE$/m);
    expect(text.out).toMatch(/^b +onConnect onRcptTo +accept +\S+20-b\.js$/m);
  });

  it('runs nothing and writes nothing', async () => {
    const project = tempProject(POLICIES);
    await runPostern(['policy', 'list'], { cwd: project.folder });
    expect(existsSync(project.path('var'))).toBe(false);
  });
});

describe('postern check', () => {
  const words = [
    'check',
    '--set',
    'listeners[0].port=0',
    '--set',
    'metrics.port=0',
    '--set',
    'dns.timeout=50ms',
  ];

  it('finds nothing wrong with good policies', async () => {
    const { out, status } = await runPostern(words, { cwd: tempProject(POLICIES).folder });
    expect(out).toMatch(/^policies +ok$/m);
    expect(status).toBe(0);
  });

  it('tells file, line and reason of a policy that does not load, and goes on checking', async () => {
    const project = tempProject({
      ...POLICIES,
      'policies/30-broken.ts': `const a = 1;\nexport default {;\n`,
    });
    const { out, status } = await runPostern(words, { cwd: project.folder });
    expect(out).toMatch(/^policies +error: \S+30-broken\.ts:2(?::\d+)?: .+\n +what to do: /m);
    expect(out).toMatch(/^ports +ok$/m);
    expect(status).toBe(1);
  });

  it('suggests the event that was meant', async () => {
    const project = tempProject({ 'policies/a.ts': policyText('a', 'onRcpt() {},') });
    const { out, status } = await runPostern(words, { cwd: project.folder });
    expect(out).toMatch(/policy "a" has an unknown event or property "onRcpt"; did you mean "?onRcptTo"?/);
    expect(status).toBe(1);
  });
});

/**
 * Every command that README.md and docs/getting-started.md show is run here, or named with what
 * runs it. A command that is shown and not listed fails.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { firstMailFor } from '../helpers/maildir.js';
import { cleanEnvironment, runProgram } from '../helpers/postern-command.js';
import { requireProgram } from '../helpers/real-parts.js';
import { freePort, startPostern } from '../helpers/start-postern.js';
import { swaks } from '../helpers/swaks.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ROOT, tempProject } from '../helpers/temp-project.js';

const SWAKS = requireProgram('swaks', 'swaks');
const PAGES = ['README.md', join('docs', 'getting-started.md')];

function pageText(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Commands of sh blocks, and lines that begin with a prompt in any block; joined ones are taken apart. */
function commandsOf(name: string): readonly string[] {
  const commands: string[] = [];
  for (const [, language = '', block = ''] of pageText(name).matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    for (const line of block.split('\n')) {
      const command = language === 'sh' ? line : /^\$ (.+)$/.exec(line)?.[1];
      if (command !== undefined) commands.push(...command.replace(/\s+#.*$/, '').split(' && '));
    }
  }
  return [...new Set(commands.map((command) => command.trim()).filter((command) => command !== ''))];
}

/** What runs each command; `here` is the test below. An id and a port in a command stand for any. */
const RUN_BY: Readonly<Record<string, string>> = {
  'npm ci': '.ci/run',
  'npm test': '.ci/run',
  'npm start': 'here',
  'npm run demo': 'here',
  'swaks --server 127.0.0.1:2525 --from you@example.org --to me@example.com': 'here',
  'npx postern explain <id>': 'here',
  'npx postern auth message.eml': 'test/unit/cli/commands/auth.test.ts',
  'npx postern spf 192.0.2.1 you@example.org --helo mail.example.org': 'test/unit/cli/commands/spf.test.ts',
};

describe.each(PAGES)('%s', (page) => {
  it('shows commands, and each is run by something', () => {
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const shape = command.replace(/explain [0-9a-z]+\.\d+$/, 'explain <id>');
      const by = RUN_BY[shape];
      expect(by, `${page} shows \`${command}\`; run it in this test or say what does`).toBeDefined();
      if (by === undefined || by === 'here') continue;
      expect(existsSync(join(ROOT, by))).toBe(true);
      expect(readFileSync(join(ROOT, by), 'utf8')).toContain(shape);
    }
  });
});

it('the commands work in the checkout, one after the other', async () => {
  const port = String(await freePort());
  const env = {
    POSTERN_LISTENERS__0__PORT: port,
    POSTERN_METRICS__PORT: '0',
    POSTERN_DATA_DIR: tempFolder(),
  };
  const inCheckout = { cwd: ROOT, env };

  // npm start, interrupted at the end as from a terminal: everybody in the group hears it.
  const server = spawn('npm', ['start'], { cwd: ROOT, env: cleanEnvironment(env), detached: true });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  server.stdout.on('data', keep);
  server.stderr.on('data', keep);
  let isOver = false;
  server.once('close', () => {
    isOver = true;
  });
  onTestFinished(() => {
    if (!isOver) process.kill(-(server.pid ?? 0), 'SIGKILL');
  });
  await eventually('the start message', () => isOver || output.includes('Send a first message'), {
    withinMs: 30_000,
    about: () => output,
  });
  expect(output).toContain('Send a first message');

  const demo = await runProgram('npm', ['run', 'demo'], inCheckout);
  expect(demo.status).toBe(0);
  const ref = /\(ref (\S+)\)/.exec(demo.out)?.[1] ?? '';

  if (SWAKS !== undefined) {
    const sent = await swaks(SWAKS, { port: Number(port), from: 'you@example.org', to: 'me@example.com' });
    expect(sent.status).toBe(0);
    await firstMailFor(join(env.POSTERN_DATA_DIR, 'mail'), 'me@example.com');
  }

  const explained = await runProgram('npx', ['postern', 'explain', ref], inCheckout);
  expect(explained.out).toContain('reject, decided by blocked-senders');
  expect(explained.status).toBe(0);

  process.kill(-(server.pid ?? 0), 'SIGINT');
  await eventually('the end', () => isOver, { about: () => output });
  expect(output).toMatch(/info {2}stopped {2}forcedSessions=0/);
});

it('the policy of docs/getting-started.md refuses what the page says', async () => {
  const [, policy = ''] = /```ts\n([^]*?)```/.exec(pageText(join('docs', 'getting-started.md'))) ?? [];
  const project = tempProject();
  const postern = await startPostern({ cwd: project.folder });
  project.write('policies/no-noise.ts', policy);
  await eventually('the refusal', async () => {
    const peer = await greetedPeer(postern);
    await peer.say('MAIL FROM:<you@example.org>');
    const { lines } = await peer.say('RCPT TO:<noise@example.com>');
    peer.destroy();
    return /^550 5\.7\.1 no noise, please \(ref \S+\)$/.test(lines[0] ?? '');
  });
});

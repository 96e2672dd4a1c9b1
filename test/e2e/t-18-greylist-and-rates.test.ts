/**
 * The policies of docs/checks.md on greylisting and rate limits, as they stand there, over SMTP: with
 * a clock that the test sets, over restarts, and over a sudden death right after an answer.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/app/load-config.js';
import { type Postern, startPostern as startHere } from '../../src/app/postern.js';
import { type Clock, systemClock } from '../../src/core/clock.js';
import { silentLogger } from '../../src/core/log.js';
import { eventually } from '../helpers/eventually.js';
import { pagePolicy } from '../helpers/page-policies.js';
import { logIn, sayContent } from '../helpers/policy-wire.js';
import { connectPeer, type SmtpPeer } from '../helpers/smtp-peer.js';
import { startPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

const policy = (name: string): string => pagePolicy('docs/checks.md', name);

/** The system's clock, some hours ahead of it. */
function movableClock(): Clock & { ahead: number } {
  return {
    ...systemClock,
    ahead: 0,
    now() {
      return systemClock.now() + this.ahead;
    },
  };
}

async function runHere(folder: string, clock: Clock): Promise<Postern> {
  const users = join(folder, 'users');
  writeFileSync(users, 'ann:{PLAIN}secret\n', { mode: 0o600 });
  const { config } = loadConfig({
    file: null,
    settings: {
      dataDir: join(folder, 'var'),
      policies: [join(folder, 'policies')],
      watchPolicies: false,
      hostname: 'mx.test',
      localDomains: ['here.example'],
      listeners: [{ port: 0, authInClear: true }],
      metrics: { enabled: false },
      auth: { usersFile: users },
    },
  });
  const running = await startHere({ config, log: silentLogger, clock });
  onTestFinished(() => running.stop());
  return running;
}

async function client(port: number): Promise<SmtpPeer> {
  const peer = await connectPeer(port);
  onTestFinished(() => {
    peer.destroy();
  });
  await peer.reply();
  await peer.say('EHLO c.test');
  return peer;
}

/** What each recipient of one message is answered. */
async function recipients(port: number, sender: string, ...names: readonly string[]): Promise<string[]> {
  const peer = await client(port);
  await peer.say(`MAIL FROM:<${sender}>`);
  const said: string[] = [];
  for (const name of names) said.push((await peer.say(`RCPT TO:<${name}@here.example>`)).lines[0] ?? '');
  await peer.say('QUIT');
  return said;
}

const MINUTE = 60_000;
const LATER = (seconds: number): string => `451 4.7.1 Greylisted, please try again in ${seconds} seconds`;

function expectAllAre(said: readonly string[], wanted: string): void {
  expect(said.map((line) => line.slice(0, wanted.length))).toEqual(said.map(() => wanted));
}

describe('the greylisting policy of the page', () => {
  it('lets each recipient wait, and passes who comes again in time, over restarts', async () => {
    const project = tempProject({ 'policies/greylist.ts': policy('greylist') });
    const clock = movableClock();
    const first = await runHere(project.folder, clock);
    const port = first.listeners[0]?.port ?? 0;
    const names = ['ann', 'bob', 'eve'];
    expectAllAre(await recipients(port, 'a@far.example', ...names), LATER(300));
    clock.ahead = 4 * MINUTE;
    const [early = ''] = await recipients(port, 'a@far.example', 'ann');
    expect(early).toMatch(/^451 4\.7\.1 Greylisted, please try again in (5\d|60) seconds/);
    await first.stop();

    const second = await runHere(project.folder, clock);
    const again = second.listeners[0]?.port ?? 0;
    expectAllAre(await recipients(again, 'b@far.example', 'ann'), LATER(300));
    clock.ahead = 5 * MINUTE + 1000;
    expectAllAre(await recipients(again, 'A@FAR.example', ...names), '250');
    expect(await second.metrics()).toMatch(/^postern_checks_total\{check="greylist",status="passed"\} 3$/m);
    clock.ahead = 30 * 24 * 60 * MINUTE;
    expectAllAre(await recipients(again, 'a@far.example', ...names), '250');
    // The other sender has not come back within a day.
    expectAllAre(await recipients(again, 'b@far.example', 'ann'), LATER(300));
  });

  it('trusts a network after five of its triplets', async () => {
    const project = tempProject({ 'policies/greylist.ts': policy('greylist') });
    const clock = movableClock();
    const running = await runHere(project.folder, clock);
    const port = running.listeners[0]?.port ?? 0;
    const names = ['r1', 'r2', 'r3', 'r4', 'r5'];
    expectAllAre(await recipients(port, '', ...names), LATER(300));
    clock.ahead = 6 * MINUTE;
    expectAllAre(await recipients(port, '', ...names), '250');
    expectAllAre(await recipients(port, 'never@seen.example', 'nor-me'), '250');
  });

  it('does not ask of those who have logged in', async () => {
    const project = tempProject({ 'policies/greylist.ts': policy('greylist') });
    const running = await runHere(project.folder, movableClock());
    const peer = await client(running.listeners[0]?.port ?? 0);
    await logIn(peer);
    await peer.say('MAIL FROM:<a@far.example>');
    expect((await peer.say('RCPT TO:<ann@here.example>')).code).toBe(250);
  });
});

describe('the policy of rates of the page', () => {
  it('counts recipients of a user over sessions and restarts, and lets the window slide', async () => {
    const small = policy('rates').replace('500', '5');
    const project = tempProject({ 'policies/rates.ts': small });
    const clock = movableClock();
    const send = async (port: number, count: number): Promise<string> => {
      const peer = await client(port);
      await logIn(peer);
      await peer.say('MAIL FROM:<ann@here.example>');
      for (let n = 0; n < count; n += 1) await peer.say(`RCPT TO:<r${n}@here.example>`);
      return (await sayContent(peer)).lines[0] ?? '';
    };
    const first = await runHere(project.folder, clock);
    expect(await send(first.listeners[0]?.port ?? 0, 3)).toMatch(/^250 /);
    await first.stop();
    const second = await runHere(project.folder, clock);
    const port = second.listeners[0]?.port ?? 0;
    expect(await send(port, 3)).toMatch(/^451 4\.7\.1 Too many, please try again in 3\d\d\d seconds/);
    expect(await send(port, 2)).toMatch(/^250 /);
    expect(await send(port, 1)).toMatch(/^451 /);
    clock.ahead = 61 * MINUTE;
    expect(await send(port, 5)).toMatch(/^250 /);
  });

  it('lets exactly as many in as it says, also at once', async () => {
    const project = tempProject({ 'policies/rates.ts': policy('rates').replace('60,', '7,') });
    const running = await runHere(project.folder, movableClock());
    const port = running.listeners[0]?.port ?? 0;
    const greeting = async (): Promise<number> => {
      const peer = await connectPeer(port);
      onTestFinished(() => {
        peer.destroy();
      });
      return (await peer.reply()).code;
    };
    const codes = await Promise.all(Array.from({ length: 20 }, greeting));
    expect(codes.filter((code) => code === 220)).toHaveLength(7);
  });
});

it('a database in trouble is an answer for the policy, a fact and a log line, and the session goes on', async () => {
  const project = tempProject({
    'policies/both.ts': `import { definePolicy } from 'postern/policy';
      export default definePolicy({
        name: 'both',
        async onRcptTo(ctx) {
          const greylist = await ctx.checkGreylist();
          const rate = await ctx.checkRate('all', 1, '1h');
          ctx.smtpAction = 'reject';
          ctx.smtpExplanation = \`\${greylist.status} \${rate.status} \${rate.allowed}\`;
        },
      });`,
  });
  const running = await runHere(project.folder, movableClock());
  const told: string[] = [];
  running.on('check.trouble', ({ check }) => told.push(check));
  const port = running.listeners[0]?.port ?? 0;
  expect(await recipients(port, 'a@far.example', 'ann')).toEqual([expect.stringContaining('new ok true')]);
  const other = new SqliteDatabase(join(project.folder, 'var', 'queue', 'queue.db'));
  other.exec('DROP TABLE greylist; DROP TABLE rates');
  other.close();
  const said = await recipients(port, 'a@far.example', 'ann', 'bob');
  expect(said).toEqual([
    expect.stringContaining('tempError tempError true'),
    expect.stringContaining('tempError tempError true'),
  ]);
  expect(told).toEqual(['greylist', 'rate', 'greylist', 'rate']);
});

it('what was answered is still known when all processes are killed right after the answer', async () => {
  const project = tempProject({
    'policies/counting.ts': `import { definePolicy } from 'postern/policy';
      export default definePolicy({
        name: 'counting',
        async onRcptTo(ctx) {
          const { status } = await ctx.checkGreylist({ delay: 0 });
          const { count } = await ctx.checkRate('all', 10, '1d');
          ctx.smtpAction = 'reject';
          ctx.smtpExplanation = \`\${status} \${count}\`;
        },
      });`,
  });
  for (const wanted of ['new 1', 'passed 2', 'passed 3']) {
    const running = await startPostern({ cwd: project.folder });
    const engine = await eventually('the engine process', () => running.enginePid());
    const [line = ''] = await recipients(running.port, 'a@far.example', 'ann');
    process.kill(running.pid, 'SIGKILL');
    process.kill(engine, 'SIGKILL');
    await running.ended();
    expect(line).toContain(wanted);
  }
});

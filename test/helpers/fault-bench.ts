/**
 * The real `postern start` under attack, and the proof that it has taken no harm: the same
 * process, memory within bounds, no session and no spool file left over, nothing wrong in the
 * log, and an ordinary client whose message is accepted.
 *
 *     const bench = await startFaultBench();
 *     ... attack bench.port ...
 *     await bench.expectSound();
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { eventually } from './eventually.js';
import { mailFor } from './maildir.js';
import { connectPeer, type SmtpPeer, type SmtpReply } from './smtp-peer.js';
import { type RunningPostern, type StartOptions, startPostern } from './start-postern.js';
import { tempProject } from './temp-project.js';

export interface FaultOptions extends Partial<Pick<StartOptions, 'settings' | 'openFiles'>> {
  /** Policy files by name: `a.ts`. */
  readonly policies?: Readonly<Record<string, string>>;
  /** Files of the project, by path below its folder. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface FaultBench {
  readonly port: number;
  readonly postern: RunningPostern;
  /** A client whose connection ends with the test. It has read the greeting. */
  client(): Promise<SmtpPeer>;
  /** The same, up to the reply of DATA. */
  clientInData(): Promise<SmtpPeer>;
  /** An ordinary client, from its connection to the reply of QUIT; answers how many ms it took. */
  serve(): Promise<number>;
  /** The value of a counter or gauge on the monitoring port; the sum over its labels. */
  metric(name: string): Promise<number>;
  /** Messages in the Maildir of b@example.com, where attackers write to. */
  mail(): string[];
  /** File descriptors that the engine process has open. */
  descriptors(): number;
  /** Everything that is promised about the time after an attack. */
  expectSound(bounds?: SoundBounds): Promise<void>;
}

export interface SoundBounds {
  /** Most that the peak of memory may have risen, MB. Default 100. */
  readonly growthMb?: number;
  /** Lines of the log that may say `error`. Default: none. */
  readonly expectedErrors?: RegExp;
}

const LEVELS = /^\d\d:\d\d:\d\d error .*$/gm;

/** `VmRSS` or `VmHWM`, in MB. */
function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function expectCode(peer: SmtpPeer, line: string, code: number): Promise<SmtpReply> {
  const reply = await peer.say(line);
  expect(reply.code, `${line.slice(0, 40)}: ${reply.lines.join(' ')}`).toBe(code);
  return reply;
}

class Bench implements FaultBench {
  readonly postern: RunningPostern;
  readonly #pid: number;
  readonly #baseMb: number;

  constructor(postern: RunningPostern, pid: number) {
    this.postern = postern;
    this.#pid = pid;
    this.#baseMb = memoryMb(pid, 'VmRSS');
  }

  get port(): number {
    return this.postern.port;
  }

  async client(): Promise<SmtpPeer> {
    const peer = await connectPeer(this.port);
    onTestFinished(() => {
      peer.destroy();
    });
    const greeting = await peer.reply();
    expect(greeting.code, greeting.lines.join(' ')).toBe(220);
    return peer;
  }

  async clientInData(): Promise<SmtpPeer> {
    const peer = await this.client();
    await expectCode(peer, 'EHLO attacker.example', 250);
    await expectCode(peer, 'MAIL FROM:<attacker@example.org>', 250);
    await expectCode(peer, 'RCPT TO:<b@example.com>', 250);
    await expectCode(peer, 'DATA', 354);
    return peer;
  }

  async serve(): Promise<number> {
    const began = performance.now();
    const peer = await this.client();
    await expectCode(peer, 'EHLO ordinary.example', 250);
    await expectCode(peer, 'MAIL FROM:<ordinary@example.org>', 250);
    await expectCode(peer, 'RCPT TO:<ordinary@example.com>', 250);
    await expectCode(peer, 'DATA', 354);
    await expectCode(peer, 'Subject: ordinary\r\n\r\nan ordinary message\r\n.', 250);
    await expectCode(peer, 'QUIT', 221);
    return performance.now() - began;
  }

  async metric(name: string): Promise<number> {
    const lines = (await this.postern.metrics()).split('\n');
    const values = lines
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  mail(): string[] {
    return mailFor(this.postern.mail, 'b@example.com');
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.#pid}/fd`).length;
  }

  async expectSound({ growthMb = 100, expectedErrors = /^$/ }: SoundBounds = {}): Promise<void> {
    expect(this.postern.isOver(), this.postern.log()).toBe(false);
    await this.serve();
    await eventually(
      'the end of every session',
      async () => (await this.metric('postern_sessions_open')) === 0,
    );
    const spool = join(this.postern.dataDir, 'queue', 'spool');
    await eventually('an empty spool', () => filesBelow(spool).length === 0, {
      about: () => filesBelow(spool).join('\n'),
    });
    expect(this.postern.enginePid(), this.postern.log()).toBe(this.#pid);
    expect(memoryMb(this.#pid, 'VmHWM') - this.#baseMb).toBeLessThan(growthMb);
    const errors = this.postern.log().match(LEVELS) ?? [];
    expect(errors.filter((line) => !expectedErrors.test(line))).toEqual([]);
  }
}

/** Starts it; per-client caps are wide open unless `settings` says otherwise. */
export async function startFaultBench(options: FaultOptions = {}): Promise<FaultBench> {
  const { policies = {}, files = {}, settings = {}, openFiles } = options;
  const named = Object.entries(policies).map(([name, text]) => [`policies/${name}`, text]);
  const project = tempProject({ ...files, ...(Object.fromEntries(named) as Record<string, string>) });
  const postern = await startPostern({
    cwd: project.folder,
    settings: {
      'listeners[0].maxConnections': '5000',
      'listeners[0].maxConnectionsPerIp': '5000',
      ...settings,
    },
    ...(openFiles === undefined ? {} : { openFiles }),
  });
  const pid = await eventually('the engine process', () => postern.enginePid());
  const bench = new Bench(postern, pid);
  // What the first message costs once belongs to the start.
  await bench.serve();
  return new Bench(postern, pid);
}

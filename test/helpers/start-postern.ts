/**
 * The built `postern start` as a process of its own, on free ports, stopped when the test ends.
 *
 *     const postern = await startPostern({ cwd: project.folder });
 *     ... postern.port ... await postern.logged(/policies loaded/);
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.js';
import { type Finished, cleanEnvironment, MAIN, runPostern } from './postern-command.js';

export interface StartOptions {
  /** Folder in which the command is given: its postern.yaml and policies are used. */
  readonly cwd: string;
  /** Default: `var` below `cwd`. */
  readonly dataDir?: string;
  /** Given with --set. Ports are free ones unless they are named here. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Words after `start`, instead of those for free ports, `dataDir` and `settings`. */
  readonly words?: readonly string[];
  /** In a process group of its own, so that a signal to the group reaches it and its children only. */
  readonly ownGroup?: boolean;
  /** File descriptors that each of its processes may have open. Default: as many as the test. */
  readonly openFiles?: number;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A `postern start` that may or may not come up. */
export interface PosternProcess {
  readonly pid: number;
  readonly dataDir: string;
  /** Standard output so far. */
  banner(): string;
  /** Standard error so far. */
  log(): string;
  /** Waits for a line of the log that came after `from` characters of it. */
  logged(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** The process that the supervisor watches; its only child. */
  enginePid(): number | undefined;
  signal(name: NodeJS.Signals): void;
  /** Resolves when the started process has ended. */
  ended(): Promise<Ended>;
  isOver(): boolean;
}

export interface RunningPostern extends PosternProcess {
  /** Of the first listener. */
  readonly port: number;
  /** By the names of the listeners. */
  readonly ports: Readonly<Record<string, number>>;
  readonly metricsPort: number;
  /** Folder of the Maildirs. */
  readonly mail: string;
  /** `postern explain id`, on the same data directory. */
  explain(...words: string[]): Promise<Finished>;
  /** The text of /metrics. */
  metrics(): Promise<string>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<Ended>;
}

/** A TCP port of the loopback that is free now; for tests in which the port must outlive a process. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function childOf(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return child === undefined || child === '' ? undefined : Number(child);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Starts the command and does not wait for it. */
export function spawnPostern(options: StartOptions): PosternProcess {
  const { cwd, dataDir = join(cwd, 'var') } = options;
  const settings = { 'listeners[0].port': '0', 'metrics.port': '0', ...options.settings };
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const words = options.words ?? ['--data-dir', dataDir, ...sets];
  const start = [MAIN, 'start', ...words];
  const [program, given] =
    options.openFiles === undefined
      ? [process.execPath, start]
      : ['bash', ['-c', `ulimit -n ${options.openFiles}; exec "$@"`, 'bash', process.execPath, ...start]];
  const child = spawn(program, given, {
    cwd,
    env: cleanEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  });
  const { pid = 0 } = child;
  let out = '';
  let err = '';
  let over: Ended | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const end = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => {
      over = { status, signal };
      resolve(over);
    });
  });
  const about = (): string => `${out}\n${err}`;
  onTestFinished(async () => {
    if (over !== undefined) return;
    child.kill('SIGTERM');
    const stopped = eventually('the end', () => over, { withinMs: 8000, about });
    await stopped.catch(() => {
      const engine = childOf(pid);
      child.kill('SIGKILL');
      if (engine !== undefined) process.kill(engine, 'SIGKILL');
    });
    await end;
  });
  return {
    pid,
    dataDir,
    banner: () => out,
    log: () => err,
    logged: (pattern, from = 0) =>
      eventually(`the log to say ${pattern.source}`, () => pattern.exec(err.slice(from)), { about }),
    enginePid: () => childOf(pid),
    signal(name) {
      child.kill(name);
    },
    ended: () => end,
    isOver: () => over !== undefined,
  };
}

/** What the start message says of the listeners. */
function portsIn(banner: string): Record<string, number> {
  const lines = banner.matchAll(/^ {2}(?:SMTP| {4}) +\S+:(\d+) {2}\(([^)]+)\)/gm);
  return Object.fromEntries([...lines].map(([, port, name = '']) => [name, Number(port)]));
}

/** Starts the command and waits until it has greeted. */
export async function startPostern(options: StartOptions): Promise<RunningPostern> {
  const started = spawnPostern(options);
  const about = (): string => `${started.banner()}\n${started.log()}`;
  await eventually('the start', () => started.isOver() || /Send a first message/.test(started.banner()), {
    about,
  });
  const ports = portsIn(started.banner());
  const [port] = Object.values(ports);
  if (started.isOver() || !port) throw new Error(`postern did not start:\n${about()}`);
  const metricsPort = Number(/^ {2}metrics +http:\/\/\S+:(\d+)\//m.exec(started.banner())?.[1]);
  return {
    ...started,
    port,
    ports,
    metricsPort,
    mail: join(started.dataDir, 'mail'),
    explain: (...words) =>
      runPostern(['explain', '--data-dir', started.dataDir, ...words], { cwd: options.cwd }),
    metrics: async () => await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    async stop() {
      started.signal('SIGTERM');
      return await started.ended();
    },
  };
}

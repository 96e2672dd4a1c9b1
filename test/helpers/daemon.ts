/**
 * A real DNS program as a child process: on a free port, ready when it answers, stopped by its pid.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../src/core/clock.js';
import { createUdpResolver } from '../../src/dns/udp-resolver.js';

export interface DaemonDouble {
  /** `127.0.0.1:port`, as resolvers take it. */
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface DaemonPlan {
  /** Writes what depends on the port, before the program starts. */
  readonly prepare?: (port: number) => Promise<void>;
  readonly args: (port: number) => readonly string[];
  /** A name to ask for; any answer at all, also "no such name", means that it is ready. */
  readonly probe: string;
}

const PORTS_TRIED = 5;
const PATIENCE_MS = 5000;

export async function startDaemon(program: string, plan: DaemonPlan): Promise<DaemonDouble> {
  let output = '';
  // A port found free may be taken by the time the program binds it: then it ends, and another is tried.
  for (let attempt = 0; attempt < PORTS_TRIED; attempt++) {
    const port = await freePort();
    await plan.prepare?.(port);
    const child = spawn(program, plan.args(port), { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const address = `127.0.0.1:${port}`;
    if (await answers(child, address, plan.probe)) return { address, port, stop: () => end(child) };
    await end(child);
  }
  throw new Error(`${program} did not start: ${output}`);
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Asks until somebody answers; a closed port refuses at once, so this waits for nothing but the program. */
async function answers(child: ChildProcess, address: string, name: string): Promise<boolean> {
  const resolver = createUdpResolver({ clock: systemClock, servers: [address], deadlineMs: 100, tries: 1 });
  const until = systemClock.elapsed() + PATIENCE_MS;
  try {
    while (child.exitCode === null && systemClock.elapsed() < until) {
      const outcome = await resolver.resolve(name, 'A');
      const isSilent = outcome.status === 'tempFail' && ['network', 'timeout'].includes(outcome.trouble);
      if (!isSilent) return true;
      await new Promise<void>((resolve) => {
        systemClock.after(20, resolve);
      });
    }
    return false;
  } finally {
    resolver.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/**
 * How long a start takes: from the birth of the process to the 220 that a client reads.
 *
 * Starts the checkout's own configuration and policies on a free port with an empty data directory,
 * five times, and prints the median, once for the command itself and once for `npm start`, which
 * adds npm and the look for changed sources. The budget of 1500 ms is for the command.
 *
 * Run: npm run bench start-up
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUDGET_MS = 1500;
const ROUNDS = 5;
const LOOK_MS = 5;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a server greets now. */
function greets(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    // Refused, or closed before a word.
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString('latin1').startsWith('220 '));
    });
  });
}

async function startOnce(program, words) {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    POSTERN_LISTENERS__0__PORT: String(port),
    POSTERN_METRICS__PORT: '0',
    POSTERN_DATA_DIR: dataDir,
  };
  const began = performance.now();
  // In a group of its own: a signal to npm alone would leave the server behind.
  const child = spawn(program, words, { cwd: ROOT, env, stdio: 'ignore', detached: true });
  const ended = once(child, 'close');
  while (!(await greets(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ${words.join(' ')} ended before it greeted`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const took = performance.now() - began;
  process.kill(-child.pid, 'SIGTERM');
  await ended;
  // The parent may end before the engine has let go of its files.
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  return took;
}

async function measure(label, program, words) {
  const rounds = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await startOnce(program, words));
  rounds.sort((a, b) => a - b);
  const median = rounds[Math.floor(ROUNDS / 2)];
  process.stdout.write(`${label}  median ${median.toFixed(0)} ms  best ${rounds[0].toFixed(0)} ms\n`);
  return median;
}

const command = await measure('postern start', process.execPath, ['dist/cli/main.js', 'start']);
await measure('npm start    ', 'npm', ['start']);
const kept = command <= BUDGET_MS;
process.stdout.write(`budget for postern start: ${BUDGET_MS} ms, ${kept ? 'kept' : 'exceeded'}\n`);
if (!kept) process.exitCode = 1;

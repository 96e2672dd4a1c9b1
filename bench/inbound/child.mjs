/**
 * A child process of the bench: started on a core of its own, asked questions, ended.
 *
 * Where `taskset` and two cores are at hand, servers share the first and the load generator has
 * the second; elsewhere the scheduler decides. Every child is ended when this process ends, and a
 * question that is not answered in time fails.
 *
 * Callers: the benches beside this folder. The other side is answers.mjs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 60_000;
const children = new Set();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** The cores this process may use, as taskset lists them: `0-3,8`. None without taskset. */
function cores() {
  const { stdout } = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  const list = /: ([\d,-]+)\s*$/.exec(stdout ?? '')?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return range === '' ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const [serverCore, loadCore] = cores();
export const isPinned = loadCore !== undefined;

/** The command as it runs on the core of its role, which is `server` or `load`. */
export function pinned(role, command) {
  const core = role === 'server' ? serverCore : loadCore;
  return isPinned ? ['taskset', '-c', String(core), ...command] : command;
}

/** Has a child ended when this process ends. */
export function endWithUs(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Starts `file`, relative to this one; `role` is `server` or `load`. Resolves when it can be asked.
 * `env` is added to the environment; `isQuiet` throws away what it prints, except errors.
 */
export async function startChild(file, role, { nodeFlags = [], words = [], env = {}, isQuiet = false } = {}) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const command = [process.execPath, ...nodeFlags, path, ...words];
  const [program, ...args] = pinned(role, command);
  const stdio = ['ignore', isQuiet ? 'ignore' : 'inherit', 'inherit', 'ipc'];
  const child = endWithUs(spawn(program, args, { stdio, env: { ...process.env, ...env } }));
  const ended = once(child, 'exit');
  const waiting = new Map();
  let count = 0;
  child.on('message', ({ id, value, failure }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) asked?.resolve(value);
    else asked?.reject(new Error(`${file}: ${failure}`));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended too early`));
  });
  await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`${file} did not start`))),
  ]);
  return {
    pid: child.pid,
    ask(what, how) {
      return new Promise((resolve, reject) => {
        count += 1;
        const late = setTimeout(() => reject(new Error(`${file} did not answer "${what}"`)), PATIENCE_MS);
        const settled = (settle) => (value) => {
          clearTimeout(late);
          settle(value);
        };
        waiting.set(count, { resolve: settled(resolve), reject: settled(reject) });
        child.send({ id: count, what, how });
      });
    },
    async stop() {
      child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(late);
    },
  };
}

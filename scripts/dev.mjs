/**
 * `npm run dev`: compiles on every save and restarts the server when a compiled file changed.
 *
 * Policies need no restart, the server reloads them itself. Ctrl-C ends both children.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

build();
const children = [
  [
    tsc,
    '-p',
    'tsconfig.build.json',
    '--tsBuildInfoFile',
    'dist/.tsbuildinfo',
    '--watch',
    '--preserveWatchOutput',
  ],
  ['--watch', '--watch-preserve-output', 'dist/cli/main.js', 'start', ...process.argv.slice(2)],
].map((args) => spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }));

function stop() {
  for (const child of children) child.kill('SIGTERM');
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
for (const child of children) child.on('exit', stop);

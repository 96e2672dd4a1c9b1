/**
 * Builds `dist`: compiles src in place, copies what is not TypeScript, removes what has no source.
 *
 * In place and not from an empty folder, because servers and tests may be running out of `dist`
 * while it is rebuilt. A lock keeps two builds apart. The stamp holds the moment the build began,
 * so that an edit made meanwhile counts as newer, and the compiler's exit code.
 *
 * `--if-possible` ends quietly where the compiler is not installed (a production install).
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');
const LOCK = join(ROOT, 'node_modules', '.cache', 'postern-build.lock');
const PATIENCE_MS = 120_000;

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function compiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes the lock; one left behind by a build that was killed is taken over. */
function lock() {
  mkdirSync(dirname(LOCK), { recursive: true });
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : 0);
    if (holder > 0 && !isAlive(holder)) rmSync(LOCK, { force: true });
    else if (Date.now() > deadline) throw new Error(`another build (process ${holder}) holds ${LOCK}`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
}

function copyAssets() {
  for (const file of filesBelow(SRC)) {
    if (/\.tsx?$/.test(file)) continue;
    const target = join(DIST, relative(SRC, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/**
 * The compiler writes plain files; npm makes commands executable when it installs, but not again
 * when they are built anew behind its links.
 */
function makeCommandsExecutable() {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const file of Object.values(bin)) {
    if (existsSync(join(ROOT, file))) chmodSync(join(ROOT, file), 0o755);
  }
}

/** A module that was renamed must not live on in `dist`. */
function removeOrphans() {
  for (const file of filesBelow(DIST)) {
    const name = relative(DIST, file);
    if (name.startsWith('.')) continue;
    const source = join(SRC, name.replace(/(\.d\.ts|\.js)$/, '.ts'));
    if (!existsSync(source) && !existsSync(join(SRC, name))) rmSync(file);
  }
}

/** Compiles; answers the compiler's exit code. What has type errors is emitted all the same. */
export function build() {
  const tsc = compiler();
  if (tsc === undefined) return undefined;
  lock();
  try {
    const began = Date.now();
    // The build information lives inside `dist`, so that removing `dist` also removes it.
    const args = [tsc, '-p', 'tsconfig.build.json', '--tsBuildInfoFile', 'dist/.tsbuildinfo'];
    const run = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    copyAssets();
    makeCommandsExecutable();
    removeOrphans();
    const code = run.status ?? 1;
    if (existsSync(DIST)) writeFileSync(STAMP, `${began} ${code}`);
    return code;
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function lastBuild() {
  if (!existsSync(STAMP)) return { began: 0, code: 0 };
  const [began, code] = readFileSync(STAMP, 'utf8').split(' ').map(Number);
  return { began, code };
}

/** Whether the build that made `dist` found type errors. */
export function hasTypeErrors() {
  return lastBuild().code !== 0;
}

/** Whether `dist` is missing or older than something in src. Folders count: a removal changes them. */
export function isStale() {
  if (!existsSync(SRC)) return false;
  if (!existsSync(STAMP)) return true;
  const built = lastBuild().began;
  const newer = (path) => statSync(path).mtimeMs > built;
  const inputs = ['tsconfig.json', 'tsconfig.build.json'].map((name) => join(ROOT, name));
  if ([SRC, ...inputs].some((path) => existsSync(path) && newer(path))) return true;
  return readdirSync(SRC, { withFileTypes: true, recursive: true }).some((entry) =>
    newer(join(entry.parentPath, entry.name)),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--clean')) rmSync(DIST, { recursive: true, force: true });
  const code = build();
  if (code === undefined && !process.argv.includes('--if-possible')) {
    process.stderr.write(
      'build: the TypeScript compiler is not installed; run `npm ci` with development dependencies.\n',
    );
  }
  process.exitCode = code ?? (process.argv.includes('--if-possible') ? 0 : 1);
}

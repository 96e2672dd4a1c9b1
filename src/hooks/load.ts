/**
 * Loads policy modules, `.ts` and `.js`, into a PolicySet.
 *
 * Files are compiled by jiti without any cache, so that a save is seen at once; types are checked
 * by the author's editor and by `postern check`, not here. A folder gives its policy files in the
 * order of their names, tests and declarations left out. One wrong file refuses the whole set:
 * a half-loaded set would enforce half of what the operator wrote.
 *
 * Callers: app at start and at each change on disk. Throws PolicyLoadError with file and line.
 */
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti, type Jiti } from 'jiti';
import { isEngineError, messageOf, PolicyLoadError } from '../core/errors.js';
import { isPolicy } from './define-policy.js';
import { buildPolicySet, type PolicySet, type PolicySource } from './policy-set.js';

export interface LoadOptions {
  /** Files and folders, absolute. */
  readonly paths: readonly string[];
  /** Policies that the host program passed as objects; they come first. */
  readonly own: readonly PolicySource[];
  /** Policies that run after all loaded ones. */
  readonly internal: readonly PolicySource[];
}

const POLICY_FILE = /\.(?:ts|mts|js|mjs|cjs|cts)$/;
/** Frames of this file itself say nothing about the policy. */
const OWN_FILE = fileURLToPath(import.meta.url);
/** The engine's own modules are never forgotten. */
const OWN_ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOT_A_POLICY = /\.(?:d|test|spec)\.[cm]?[jt]s$/;

/** What policies import; always the module of the running engine, wherever the file lies. */
function ownModule(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../policy.${extension}`, import.meta.url));
}

function createLoader(): Jiti {
  return createJiti(import.meta.url, {
    tryNative: false,
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
    alias: { 'postern/policy': ownModule() },
  });
}

function unreadable(file: string, error: unknown): PolicyLoadError {
  return new PolicyLoadError('ERR_POLICY_IMPORT', {
    cause: error,
    detail: { file, position: '', reason: messageOf(error) },
  });
}

/** The files that a path stands for. */
function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => POLICY_FILE.test(name) && !NOT_A_POLICY.test(name) && !name.startsWith('.'))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isMissing
      ? new PolicyLoadError('ERR_POLICY_PATH', { detail: { file: path } })
      : unreadable(path, error);
  }
}

/** The policy files that `paths` stand for, in the order in which they load. */
export function policyFiles(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => resolve(path)).flatMap(filesOf))];
}

/** Where a file failed: itself, or a module that it imports. */
interface Place {
  readonly file: string;
  /** `:line:column`, `:line`, or empty when it is not known. */
  readonly position: string;
}

/** The compiler's second line; it counts columns from 0, editors from 1. */
const COMPILER_PLACE = /^ParseError:.*\n\s*(\S.*):(\d+):(\d+)/;
/** A frame; its column is that of the compiled code and of no use to anybody. */
const FRAME_PLACE = /^\s+at (?:.*\()?(?:file:\/\/)?(\/.*):(\d+):\d+\)?$/;

/** The place of a failure, from the compiler's text or the innermost frame that is not a package's. */
function placeOf(error: unknown, file: string): Place {
  if (!(error instanceof Error)) return { file, position: '' };
  const [, compiled, line, column] = COMPILER_PLACE.exec(error.message) ?? [];
  if (compiled !== undefined) return { file: compiled, position: `:${line}:${Number(column) + 1}` };
  for (const frame of (error.stack ?? '').split('\n')) {
    const [, path, at] = FRAME_PLACE.exec(frame) ?? [];
    if (path === undefined || path.includes('/node_modules/')) continue;
    return path === OWN_FILE ? { file, position: '' } : { file: path, position: `:${at}` };
  }
  return { file, position: '' };
}

/** The failure's first line, without the path and position that are shown beside it. */
function reasonOf(error: unknown, place: Place, file: string): string {
  const [first = ''] = messageOf(error).split('\n');
  const bare = first
    .replaceAll(place.file, '')
    .replace(/\(\d+:\d+\)/, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s:]+|[\s:]+$/g, '');
  return place.file === file ? bare : `${bare} (imported by ${file})`;
}

/** The default export; for a CommonJS file, what it exports as a whole, or as `default`. */
function exportedBy(module: unknown): unknown {
  if (isPolicy(module) || Array.isArray(module)) return module;
  const hasDefault = typeof module === 'object' && module !== null && 'default' in module;
  if (!hasDefault) return undefined;
  const inner = module.default;
  return isPolicy(inner) || Array.isArray(inner) ? inner : (exportedBy(inner) ?? inner);
}

/** What Node has kept of files that policies import, such as JSON: a save must be seen there too. */
function forgetImports(): void {
  const { cache } = createRequire(import.meta.url);
  for (const file of Object.keys(cache)) {
    if (!file.includes('/node_modules/') && !file.startsWith(OWN_ROOT)) Reflect.deleteProperty(cache, file);
  }
}

/** What the compiler and Node say of an `await` outside a function. */
const TOP_LEVEL_AWAIT = /await/;

/**
 * The module of a file. It is required, because Node keeps for ever what it has imported itself, and
 * a saved file would not be seen; only a file that awaits at its top level has to be imported.
 */
async function moduleOf(loader: Jiti, file: string): Promise<unknown> {
  try {
    return loader(file) as unknown;
  } catch (error) {
    if (!TOP_LEVEL_AWAIT.test(messageOf(error))) throw error;
    return await loader.import(file);
  }
}

async function importFile(loader: Jiti, file: string): Promise<PolicySource> {
  try {
    return { file, exported: exportedBy(await moduleOf(loader, file)) };
  } catch (error) {
    if (isEngineError(error)) throw error;
    const place = placeOf(error, file);
    throw new PolicyLoadError('ERR_POLICY_IMPORT', {
      cause: error,
      detail: { ...place, reason: reasonOf(error, place, file) },
    });
  }
}

/** Loads every file and builds the set; the previous set is the caller's to keep when this throws. */
export async function loadPolicies(options: LoadOptions): Promise<PolicySet> {
  forgetImports();
  const loader = createLoader();
  const sources: PolicySource[] = [...options.own];
  for (const file of policyFiles(options.paths)) sources.push(await importFile(loader, file));
  return buildPolicySet(sources, options.internal);
}

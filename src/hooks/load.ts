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
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti, type Jiti } from 'jiti';
import { isEngineError, messageOf, PolicyLoadError } from '../core/errors.js';
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
const NOT_A_POLICY = /\.(?:d|test|spec)\.[cm]?[jt]s$/;

/** What policies import; always the module of the running engine, wherever the file lies. */
function ownModule(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../policy.${extension}`, import.meta.url));
}

function createLoader(): Jiti {
  return createJiti(import.meta.url, {
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
    throw unreadable(path, error);
  }
}

/** The policy files that `paths` stand for, in the order in which they load. */
export function policyFiles(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => resolve(path)).flatMap(filesOf))];
}

/** `:line:column` of a failure in the file, from the compiler's text or the stack. */
function positionOf(error: unknown, file: string): string {
  if (!(error instanceof Error)) return '';
  const compiler = /\((\d+):(\d+)\)/.exec(error.message);
  if (compiler) return `:${compiler[1]}:${compiler[2]}`;
  for (const line of (error.stack ?? '').split('\n')) {
    const at = line.lastIndexOf(`${file}:`);
    const place = at < 0 ? undefined : /^(\d+)(?::(\d+))?/.exec(line.slice(at + file.length + 1));
    if (place) return `:${place[1]}${place[2] === undefined ? '' : `:${place[2]}`}`;
  }
  return '';
}

/** The compiler's first line, without the path and position that are shown beside it. */
function reasonOf(error: unknown, file: string): string {
  const [first = ''] = messageOf(error).split('\n');
  return first
    .replaceAll(file, '')
    .replace(/\(\d+:\d+\)/, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s:]+|[\s:]+$/g, '');
}

async function importFile(loader: Jiti, file: string): Promise<PolicySource> {
  try {
    const module = await loader.import<{ readonly default?: unknown }>(file);
    return { file, exported: module.default };
  } catch (error) {
    if (isEngineError(error)) throw error;
    throw new PolicyLoadError('ERR_POLICY_IMPORT', {
      cause: error,
      detail: { file, position: positionOf(error, file), reason: reasonOf(error, file) },
    });
  }
}

/** Loads every file and builds the set; the previous set is the caller's to keep when this throws. */
export async function loadPolicies(options: LoadOptions): Promise<PolicySet> {
  const loader = createLoader();
  const sources: PolicySource[] = [...options.own];
  for (const file of policyFiles(options.paths)) sources.push(await importFile(loader, file));
  return buildPolicySet(sources, options.internal);
}

/**
 * What reaches the disk before an answer leaves, as the kernel sees it: every fsync of the
 * database in a process of its own, under strace; and what becomes of a failed one.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/queue/sqlite/database.js';
import { noSteps } from '../../src/queue/steps.js';
import { sampleId } from '../helpers/queue-samples.js';
import { requireProgram } from '../helpers/real-parts.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface Ask {
  readonly kind: 'put' | 'check' | 'sweep' | 'rate' | 'mixed' | 'remove' | 'checks';
  /** Of the messages to store or to remove. */
  readonly ids?: readonly string[];
  /** Batches of `checks`. */
  readonly count?: number;
  /** Ask again while the database is opened anew. */
  readonly untilTold?: boolean;
}

interface Run {
  /** What the process said, in order. */
  readonly said: readonly string[];
  /** The system calls, in order; what it said stands among them as `write`. */
  readonly trace: readonly string[];
}

const strace = requireProgram('strace', 'strace');
const CHILD = join(import.meta.dirname, 'sync-child.mjs');

interface Plan {
  readonly file: string;
  /** In line for failures, because strace counts them for each thread. */
  readonly inline: boolean;
  readonly asks: readonly Ask[];
}

/** Runs the child under strace with these further arguments of strace. */
function run(plan: Plan, watch: readonly string[]): Promise<Run> {
  const traceFile = join(tempFolder(), 'trace');
  const options = ['-f', '-y', '-qq', '-s', '40', '-o', traceFile, ...watch];
  return new Promise((resolve, reject) => {
    const child = spawn(strace ?? '', [...options, process.execPath, CHILD, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0 || errors !== '') reject(new Error(`ended with ${code}: ${errors}${out}`));
      else resolve({ said: lines(out), trace: lines(readFileSync(traceFile, 'latin1')) });
    });
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

const SYNC = /^\d+ +f(?:data)?sync\((\d+)<([^>]*)>/;

/** For each question: its kind, and the names of the files that were synced before its answer. */
function syncsByAsk({ trace }: Run): { kind: string; synced: string[] }[] {
  const asks: { kind: string; synced: string[] }[] = [];
  let open = false;
  for (const line of trace) {
    const kind = /write\(1<[^>]*>, "ask (\w+)/.exec(line)?.[1];
    if (kind !== undefined) asks.push({ kind, synced: [] });
    if (kind !== undefined || /write\(1<[^>]*>, "told /.test(line)) open = kind !== undefined;
    const synced = SYNC.exec(line)?.[2];
    if (synced !== undefined && open) asks.at(-1)?.synced.push(synced.replace(/.*\//, ''));
  }
  return asks;
}

/** The calls on the file descriptor of an injected failure, from the failure to its close. */
function afterFailure({ trace }: Run): string[] {
  const failed = trace.findIndex((line) => line.includes('(INJECTED)'));
  const descriptor = SYNC.exec(trace[failed] ?? '')?.[1];
  if (descriptor === undefined) throw new Error(`no failed fsync in ${trace.join('\n')}`);
  const calls = trace
    .slice(failed + 1)
    .map((line) => /^\d+ +(\w+)\((\d+)</.exec(line))
    .filter((call) => call?.[2] === descriptor)
    .map((call) => call?.[1] ?? '');
  return calls.slice(0, calls.indexOf('close') + 1);
}

/** A database that exists, with an empty log, so that the child's first write is its own. */
function newFile(): string {
  const file = join(tempFolder(), 'queue.db');
  openDatabase({ file }, noSteps).close();
  return file;
}

function put(...ns: readonly number[]): Ask {
  return { kind: 'put', ids: ns.map(sampleId) };
}

function countOf(file: string): number {
  const database = openDatabase({ file }, noSteps);
  const [answer] = database.run([{ name: 'count', arguments: null, blobs: [] }]).answers;
  database.close();
  return answer?.status === 'ok' ? (answer.value as { waiting: number }).waiting : -1;
}

const LOG = 'queue.db-wal';

describe.skipIf(strace === undefined)('what is on disk before the answer', () => {
  it('mail always is, by one fsync of the log, and checks alone wait for none', async () => {
    const check: Ask = { kind: 'check' };
    const mixed: Ask = { kind: 'mixed', ids: [sampleId(5), sampleId(6)] };
    const asks: readonly Ask[] = [
      // The first write also begins the log.
      put(1),
      put(2),
      check,
      { kind: 'rate' },
      { kind: 'sweep' },
      put(3),
      check,
      mixed,
      put(4),
      { kind: 'remove', ids: [sampleId(4)] },
      check,
      check,
    ];
    const traced = await run({ file: newFile(), inline: false, asks }, ['-e', 'trace=fsync,fdatasync,write']);
    const [, ...found] = syncsByAsk(traced);
    expect(found).toEqual(
      asks.slice(1).map(({ kind }) => ({
        kind,
        synced: ['put', 'mixed', 'remove'].includes(kind) ? [LOG] : [],
      })),
    );
    expect(traced.said.at(-1)).toBe('closed');
  });
});

describe.skipIf(strace === undefined)('an fsync that fails', () => {
  /** Fails the n-th fsync of this file alone. */
  function failing(file: string, nth: number): string[] {
    const fault = `inject=fsync,fdatasync:error=EIO:when=${nth}`;
    return ['-P', file, '-e', 'trace=fsync,fdatasync,close', '-e', fault];
  }

  // Enough to fill the log beyond what is kept before it goes into the file.
  const FILLING: Ask = { kind: 'checks', count: 40 };

  it.each([
    ['of the log, when checks that nobody has synced go into the file', '-wal', 2],
    ['of the file, when the log goes into it', '', 1],
  ])('%s, ends the use of the handle before mail relies on it', async (_when, suffix, nth) => {
    const file = newFile();
    const asks: readonly Ask[] = [FILLING, { ...put(1), untilTold: true }];
    const traced = await run({ file, inline: true, asks }, failing(`${file}${suffix}`, nth));
    const trouble = traced.said.indexOf('trouble');
    expect(traced.said.filter((line) => line === 'trouble')).toHaveLength(1);
    expect(trouble).toBeLessThan(traced.said.indexOf('told put'));
    expect(afterFailure(traced)).toEqual(['close']);
    expect(countOf(file)).toBe(1);
  });

  it('of the log, at a message, refuses it and ends the use of the handle', async () => {
    const file = newFile();
    const asks: readonly Ask[] = [put(1), put(2), { ...put(3), untilTold: true }];
    // The first is that of the log's beginning, the second that of the first message.
    const traced = await run({ file, inline: true, asks }, failing(`${file}-wal`, 3));
    expect(traced.said.filter((line) => !line.startsWith('ask'))).toEqual([
      'told put',
      'trouble',
      'refused put',
      'told put',
      'closed',
    ]);
    expect(afterFailure(traced)).toEqual(['close']);
    // Whether the refused one is there is not known to anybody; the others must be.
    expect(countOf(file)).toBeGreaterThanOrEqual(2);
  });

  it('of the log, when it is emptied at the end, leaves the log for the next start', async () => {
    const file = newFile();
    const traced = await run(
      { file, inline: true, asks: [put(1), { kind: 'check' }] },
      failing(`${file}-wal`, 3),
    );
    expect(traced.said.at(-1)).toBe('closed');
    expect(afterFailure(traced)).toEqual(['close']);
    expect(countOf(file)).toBe(1);
  });
});

describe.skipIf(strace === undefined)('a disk that is full when the log goes into the file', () => {
  it('is no fault, and the log waits until there is room', async () => {
    const file = newFile();
    const asks: readonly Ask[] = [{ kind: 'checks', count: 40 }, put(1), put(2)];
    const fault = 'inject=pwrite64:error=ENOSPC:when=1..3';
    const traced = await run({ file, inline: true, asks }, [
      '-P',
      file,
      '-e',
      'trace=pwrite64,fsync,fdatasync',
      '-e',
      fault,
    ]);
    expect(traced.said.filter((line) => !line.startsWith('ask'))).toEqual([
      'told checks',
      'told put',
      'told put',
      'closed',
    ]);
    const [last] = traced.trace.filter((line) => !line.includes('(INJECTED)')).slice(-1);
    expect(traced.trace.filter((line) => line.includes('(INJECTED)'))).toHaveLength(3);
    expect(SYNC.exec(last ?? '')?.[2]).toBe(file);
    expect(countOf(file)).toBe(2);
  });
});

/**
 * Finds the trace that an id belongs to.
 *
 * Takes what people quote: a reply id (`0m7c3k9qab1x.4`), a queue id (`0m7c3k9qab1x-1`), a
 * session id, or a Message-ID with or without angle brackets. Reads segments from the newest
 * back, line by line, and parses only lines that hold the id; memory stays small however much is
 * kept. Reads only, so it may run beside the server.
 *
 * Callers: cli/explain, cli/demo, createEngine().explain.
 */
import { open } from 'node:fs/promises';
import { parseQuotedId, type QuotedId } from '../core/ids.js';
import type { TraceRecord, TraceStep } from '../hooks/trace.js';
import { listSegments } from './segments.js';

export interface FoundTrace {
  /** All steps of the session that are kept, in order. */
  readonly record: TraceRecord;
  /** The step that the id names, if it names one. */
  readonly step: TraceStep | undefined;
}

/** Lines of a segment that hold the text; a line that is cut short is left out. */
async function matching(path: string, needle: string): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const line of linesOf(path)) {
    if (!line.includes(needle)) continue;
    const record = parseRecord(line);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** The lines of a segment; none when the server has removed it meanwhile. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    const file = await open(path);
    // A stream of pieces and not readline, which has no way to pass on that reading failed.
    for await (const piece of file.createReadStream({ encoding: 'utf8' })) {
      const lines = (rest + String(piece)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  yield rest;
}

function parseRecord(line: string): TraceRecord | undefined {
  try {
    const record = JSON.parse(line) as TraceRecord;
    return record.v === 1 ? record : undefined;
  } catch {
    // The end of a segment whose process was killed while writing; the other lines are whole.
    return undefined;
  }
}

/** Joins the records of one session. */
function join(records: readonly TraceRecord[]): TraceRecord | undefined {
  const [first] = records;
  if (first === undefined) return undefined;
  const steps = records.flatMap((record) => record.steps).sort((a, b) => a.n - b.n);
  const closed = records.find((record) => record.closed !== undefined)?.closed;
  return { ...first, steps, ...(closed === undefined ? {} : { closed }) };
}

async function bySession(dir: string, session: string): Promise<TraceRecord | undefined> {
  const needle = `"session":"${session}"`;
  const found: TraceRecord[] = [];
  for (const segment of listSegments(dir)) {
    const here = (await matching(segment.path, needle)).filter((record) => record.session === session);
    found.unshift(...here);
    // Older segments end before the session began.
    if (found[0] !== undefined && segment.since <= found[0].time) break;
  }
  return join(found);
}

/** A Message-ID without what people and headers put around it. */
function bareId(messageId: string): string {
  return messageId.trim().replace(/^<|>$/g, '');
}

function hasMessage(step: TraceStep, bare: string): boolean {
  return step.messageId !== undefined && bareId(step.messageId) === bare;
}

async function sessionOfMessage(dir: string, bare: string): Promise<string | undefined> {
  for (const segment of listSegments(dir)) {
    const records = await matching(segment.path, JSON.stringify(bare).slice(1, -1));
    const owner = records.findLast((record) => record.steps.some((step) => hasMessage(step, bare)));
    if (owner !== undefined) return owner.session;
  }
  return undefined;
}

function namedStep(record: TraceRecord, id: QuotedId, text: string): TraceStep | undefined {
  if (id.step !== undefined) return record.steps.find((step) => step.n === id.step);
  if (id.message !== undefined)
    return record.steps.findLast((step) => step.queueId === text.trim().toLowerCase());
  return undefined;
}

/** The trace that `id` belongs to; undefined when none is kept. */
export async function findTrace(dir: string, asked: string): Promise<FoundTrace | undefined> {
  // As it stands in a reply: `(ref 0m7c3k9qab1x.4)`.
  const id = asked.replace(/^\s*\(?ref\s+|\)\s*$/g, '');
  const quoted = parseQuotedId(id);
  if (quoted !== undefined) {
    const record = await bySession(dir, quoted.session);
    return record === undefined ? undefined : { record, step: namedStep(record, quoted, id) };
  }
  const bare = bareId(id);
  if (bare === '') return undefined;
  const session = await sessionOfMessage(dir, bare);
  const record = session === undefined ? undefined : await bySession(dir, session);
  return record === undefined
    ? undefined
    : { record, step: record.steps.findLast((step) => hasMessage(step, bare)) };
}

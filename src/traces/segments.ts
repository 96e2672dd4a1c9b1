/**
 * The folder of trace segments: names, order, and what may go.
 *
 * A segment is a file of JSON lines, one TraceRecord each, named `<milliseconds>-<pid>.jsonl` by
 * its first record, so that names sort by time and processes never share a file. A line that a
 * crash cut short is skipped by readers.
 *
 * Callers: traces/write-traces, traces/find-trace.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SEGMENT = /^(\d{13})-(\d{1,10})\.jsonl$/;

export interface Segment {
  readonly path: string;
  /** Wall time of the first record, milliseconds since 1970. */
  readonly since: number;
  /** Wall time of the last record, milliseconds since 1970. */
  readonly until: number;
  readonly size: number;
}

export function segmentName(now: number, pid: number): string {
  return `${String(now).padStart(13, '0')}-${pid}.jsonl`;
}

/** Segments of the folder, newest first; none when the folder does not exist. */
export function listSegments(dir: string): readonly Segment[] {
  let names: readonly string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => {
      const match = SEGMENT.exec(name);
      const path = join(dir, name);
      // Undefined when another process has removed it meanwhile.
      const stat = match ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (!match || !stat) return [];
      return [{ path, since: Number(match[1]), until: stat.mtimeMs, size: stat.size }];
    })
    .sort((a, b) => b.since - a.since);
}

export interface Keep {
  /** Records older than this go, milliseconds. */
  readonly ageMs: number;
  /** Octets of all segments together. */
  readonly size: number;
}

/** Removes what is too old or too much, oldest first; never the segment in use. */
export function sweepSegments(dir: string, keep: Keep, now: number, inUse: string): void {
  let total = 0;
  for (const { path, until, size } of listSegments(dir)) {
    total += size;
    // By its last record: another process may still write a segment that began long ago.
    const tooOld = now - until > keep.ageMs;
    if (path !== inUse && (tooOld || total > keep.size)) rmSync(path, { force: true });
  }
}

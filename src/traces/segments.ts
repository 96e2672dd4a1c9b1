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
      const size = match ? sizeOf(path) : undefined;
      return match === null || size === undefined ? [] : [{ path, since: Number(match[1]), size }];
    })
    .sort((a, b) => b.since - a.since);
}

/** Size of a segment; undefined when another process has removed it meanwhile. */
function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
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
  let newer = now;
  for (const { path, since, size } of listSegments(dir)) {
    total += size;
    // A segment's last record is no younger than the first record of the next one.
    const tooOld = now - newer > keep.ageMs;
    newer = since;
    if (path !== inUse && (tooOld || total > keep.size)) rmSync(path, { force: true });
  }
}

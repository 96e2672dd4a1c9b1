import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSegments, segmentName, sweepSegments } from '../../../src/traces/segments.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

/** A segment that began `began` and was last written `last` hours ago. */
function put(
  dir: string,
  began: number,
  last: number,
  options: { pid?: number; size?: number } = {},
): string {
  const path = join(dir, segmentName(NOW - began * HOUR, options.pid ?? 1));
  writeFileSync(path, 'x'.repeat(options.size ?? 100));
  const seconds = (NOW - last * HOUR) / 1000;
  utimesSync(path, seconds, seconds);
  return path;
}

const sweep = (dir: string, hours: number, size: number, inUse = ''): number => {
  sweepSegments(dir, { ageMs: hours * HOUR, size }, NOW, inUse);
  return readdirSync(dir).length;
};

describe('segments', () => {
  it('are listed newest first, other files left out', () => {
    const dir = tempFolder();
    put(dir, 3, 3);
    put(dir, 1, 1, { size: 7 });
    put(dir, 2, 2, { pid: 2 });
    for (const name of ['notes.txt', '123-1.jsonl', '1800000000000-x.jsonl', '1800000000000-1.jsonl.tmp'])
      writeFileSync(join(dir, name), '');
    expect(listSegments(dir).map(({ since, size }) => [(NOW - since) / HOUR, size])).toEqual([
      [1, 7],
      [2, 100],
      [3, 100],
    ]);
  });

  it('are none where the folder does not exist', () => {
    expect(listSegments(join(tempFolder(), 'missing'))).toEqual([]);
  });

  it('are not none where the folder is a file', () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    expect(() => listSegments(file)).toThrow('ENOTDIR');
  });

  it('go when their last record is too old', () => {
    const dir = tempFolder();
    put(dir, 30, 25);
    put(dir, 25, 20);
    expect(sweep(dir, 24, 1e9)).toBe(1);
  });

  it('stay while another process still writes them, whatever it began after them', () => {
    const dir = tempFolder();
    const quiet = put(dir, 100, 1, { pid: 2 });
    put(dir, 50, 30);
    const mine = put(dir, 0, 0);
    expect(sweep(dir, 24, 1e9, mine)).toBe(2);
    expect(listSegments(dir).map(({ path }) => path)).toEqual([mine, quiet]);
  });

  it('go when there are too many, oldest first', () => {
    const dir = tempFolder();
    for (const hours of [1, 2, 3, 4]) put(dir, hours, hours);
    expect(sweep(dir, 24, 250)).toBe(2);
    expect(listSegments(dir).map(({ since }) => (NOW - since) / HOUR)).toEqual([1, 2]);
  });

  it('never go while they are in use', () => {
    const dir = tempFolder();
    const path = put(dir, 100, 100);
    expect(sweep(dir, 1, 10, path)).toBe(1);
    expect(sweep(dir, 1, 10)).toBe(0);
  });

  it('have names that sort by time', () => {
    expect(segmentName(5, 77)).toBe('0000000000005-77.jsonl');
    expect(segmentName(NOW, 1)).toBe('1800000000000-1.jsonl');
  });
});

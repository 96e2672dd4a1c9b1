import type * as FileSystem from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mostSockets } from '../../../src/app/open-files.js';

it.each([
  [20_000, 15_000],
  [1024, 768],
  [120, 56],
  [10, 1],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])('%s open files allow %s connections', (openFiles, sockets) => {
  expect(mostSockets(openFiles)).toBe(sockets);
});

it('knows the limit of this process', () => {
  expect(mostSockets()).toBeGreaterThan(100);
});

const readFileSync = vi.hoisted(() => vi.fn<(path: string) => string>());

vi.mock('node:fs', async (original) => {
  const real = await original<typeof FileSystem>();
  readFileSync.mockImplementation((path) => real.readFileSync(path, 'utf8'));
  return { ...real, readFileSync };
});

const LIMITS = [
  'Limit                     Soft Limit           Hard Limit           Units     ',
  'Max processes             96365                96365                processes ',
  'Max open files            2000                 524288               files     ',
].join('\n');

describe('the limit of this process', () => {
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  const states: unknown[] = [];
  const soft: { value: number | string } = { value: 1000 };

  beforeEach(() => {
    vi.resetModules();
    states.length = 0;
    vi.spyOn(report, 'getReport').mockImplementation(() => {
      states.push(report.excludeNetwork);
      return { userLimits: { open_files: { soft: soft.value } } };
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const fresh = async (): Promise<() => number> =>
    (await import('../../../src/app/open-files.js')).mostSockets;

  it('comes from Linux itself, once', async () => {
    readFileSync.mockReset().mockReturnValue(LIMITS);
    const most = await fresh();
    expect([most(), most()]).toEqual([1500, 1500]);
    expect(readFileSync.mock.calls).toEqual([['/proc/self/limits', 'utf8']]);
    expect(states).toEqual([]);
  });

  it('may be none', async () => {
    readFileSync.mockReset().mockReturnValue(LIMITS.replace('2000     ', 'unlimited'));
    expect((await fresh())()).toBe(Number.POSITIVE_INFINITY);
  });

  it('comes from a report elsewhere, once and without the names of the peers', async () => {
    readFileSync.mockReset().mockImplementation(() => {
      throw new Error('ENOENT');
    });
    const before = report.excludeNetwork;
    const most = await fresh();
    expect([most(), most()]).toEqual([750, 750]);
    expect(states).toEqual([before === undefined ? undefined : true]);
    expect(report.excludeNetwork).toBe(before);
  });
});

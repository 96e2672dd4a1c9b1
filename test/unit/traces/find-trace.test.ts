import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TraceRecord, TraceStep } from '../../../src/hooks/trace.js';
import { findTrace } from '../../../src/traces/find-trace.js';
import { segmentName } from '../../../src/traces/segments.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const [A, B] = ['0m7c3k9qab1x', '0m7c3k9qab1y'] as const;
const step = (n: number, more: Partial<TraceStep> = {}): TraceStep => ({ n, at: n, event: 'RCPT', ...more });

function record(session: string, time: number, steps: readonly TraceStep[], closed?: string): string {
  const whole: TraceRecord = {
    v: 1,
    session,
    time,
    listener: 'mx',
    remoteIp: '192.0.2.1',
    steps,
    ...(closed === undefined ? {} : { closed }),
  };
  return `${JSON.stringify(whole)}\n`;
}

/** A folder of segments: first record's time to content. */
function folder(segments: Readonly<Record<number, string>>): string {
  const dir = tempFolder();
  for (const [since, text] of Object.entries(segments))
    writeFileSync(join(dir, segmentName(Number(since), 1)), text);
  return dir;
}

const numbers = (found: Awaited<ReturnType<typeof findTrace>>): readonly number[] | undefined =>
  found?.record.steps.map(({ n }) => n);

describe('a trace is found', () => {
  const queued = step(4, { reason: 'queued', queueId: `${A}-1`, messageId: '<m.1"2@example.org>' });
  const dir = () =>
    folder({
      1000: record(A, 1000, [step(1), step(2)]) + record(B, 1001, [step(1)]),
      2000: record(A, 1000, [step(3), queued]) + record(A, 1000, [step(5)], 'quit'),
      3000: record('0m7c3k9qab1z', 3000, [step(1)]),
    });

  it('by session, from all its segments, in order', async () => {
    const found = await findTrace(dir(), A);
    expect(numbers(found)).toEqual([1, 2, 3, 4, 5]);
    expect(found?.record).toMatchObject({ session: A, time: 1000, closed: 'quit' });
    expect(found?.step).toBeUndefined();
  });

  it.each([[`${A}.2`], [`  ${A.toUpperCase()}.2 `], [`(ref ${A}.2)`]])('by reply id %j', async (id) => {
    const found = await findTrace(dir(), id);
    expect(found?.step?.n).toBe(2);
    expect(numbers(found)).toHaveLength(5);
  });

  it('by queue id', async () => {
    expect((await findTrace(dir(), `${A.toUpperCase()}-1`))?.step?.n).toBe(4);
  });

  it.each(['m.1"2@example.org', '<m.1"2@example.org>', ' <m.1"2@example.org> '])(
    'by Message-ID %j',
    async (id) => {
      const found = await findTrace(dir(), id);
      expect(found?.step?.n).toBe(4);
      expect(numbers(found)).toHaveLength(5);
    },
  );

  it('also where the step is not kept any more', async () => {
    const found = await findTrace(dir(), `${A}.77`);
    expect(found?.record.session).toBe(A);
    expect(found?.step).toBeUndefined();
  });

  it('of the newest of several messages with one Message-ID', async () => {
    const twice = folder({
      1000: record(A, 1000, [step(1, { messageId: 'same@x' })]),
      2000: record(B, 2000, [step(1, { messageId: 'same@x' })]),
    });
    expect((await findTrace(twice, 'same@x'))?.record.session).toBe(B);
  });

  it('is not where the id stands in another place', async () => {
    const text = record(B, 1000, [step(1, { text: `see "session":"${A}" and other@x` })]);
    const other = folder({ 1000: text });
    expect(await findTrace(other, A)).toBeUndefined();
    expect(await findTrace(other, 'other@x')).toBeUndefined();
  });

  it.each(['', '  ', '<>', 'nobody@example.org', '0m7c3k9qab10', 'x'.repeat(5000)])(
    'is not for %j',
    async (id) => {
      expect(await findTrace(dir(), id)).toBeUndefined();
    },
  );
});

describe('what a crash has left', () => {
  it('is read around: a line cut short, blank lines, lines of something else', async () => {
    const whole = record(A, 1000, [step(1)]);
    const dir = folder({
      1000: `\n[]\nnull\n{"session":"${A}"}\n{"v":2,"session":"${A}","steps":[]}\n${whole}${record(A, 1000, [step(2)]).slice(0, -30)}`,
    });
    expect(numbers(await findTrace(dir, A))).toEqual([1]);
  });

  it('is no error where there is no folder, or an empty segment', async () => {
    expect(await findTrace(join(tempFolder(), 'missing'), A)).toBeUndefined();
    expect(await findTrace(folder({ 1000: '' }), A)).toBeUndefined();
  });

  it('is no error where a segment goes while it is looked for', async () => {
    const dir = folder({ 1000: record(A, 1000, [step(1)]), 2000: record(B, 2000, [step(1)]) });
    const search = findTrace(dir, A);
    rmSync(join(dir, segmentName(1000, 1)));
    rmSync(join(dir, segmentName(2000, 1)));
    expect(await search).toBeUndefined();
  });

  it('is an error where a segment cannot be read', async () => {
    const dir = tempFolder();
    mkdirSync(join(dir, segmentName(1000, 1)));
    await expect(findTrace(dir, A)).rejects.toThrow('EISDIR');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordable } from '../../src/hooks/trace-value.js';
import { explainTrace } from '../../src/traces/explain.js';
import { findTrace } from '../../src/traces/find-trace.js';
import { segmentName } from '../../src/traces/segments.js';

const text = fc.string({ unit: 'binary' });
const step = fc.record(
  {
    at: fc.nat(),
    event: text,
    action: text,
    decidedBy: text,
    explanation: text,
    reason: text,
    text,
    queueId: text,
    messageId: text,
    handlers: fc.array(
      fc.record({
        policy: text,
        ms: fc.nat(),
        reads: fc.dictionary(text, text),
        writes: fc.dictionary(text, text),
        calls: fc.array(
          fc.record({ method: text, args: fc.array(fc.jsonValue()), result: fc.jsonValue(), ms: fc.nat() }),
          { maxLength: 2 },
        ),
        edits: fc.array(text, { maxLength: 2 }),
        verdict: text,
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['at', 'event'] },
);
const record = fc
  .record({
    session: fc.constant('0m7c3k9qab1x'),
    listener: text,
    remoteIp: text,
    steps: fc.array(step, { maxLength: 4 }),
  })
  .map((r) => ({ ...r, v: 1 as const, time: 1000, steps: r.steps.map((s, i) => ({ n: i + 1, ...s })) }));

describe('any trace', () => {
  it('is found again as it was written, however the segment was cut, and explained in safe characters', async () => {
    await fc.assert(
      fc.asyncProperty(record, text, fc.nat(), async (whole, junk, cut) => {
        const dir = mkdtempSync(join(tmpdir(), 'postern-fuzz-'));
        try {
          const line = JSON.stringify(whole);
          const before = junk.replace(/[\n\r]/g, '');
          const after = line.slice(0, cut % line.length);
          writeFileSync(join(dir, segmentName(1000, 1)), `${before}\n${line}\n${after}`);
          const found = await findTrace(dir, whole.session);
          expect(found?.record).toEqual(JSON.parse(line));
          if (found === undefined) return;
          for (const shown of explainTrace(found)) expect(shown).not.toMatch(/[\p{Cc}\u2028-\u202e]/u);
        } finally {
          rmSync(dir, { recursive: true });
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('any value', () => {
  it('becomes one that JSON can write and that nobody can change', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const kept = recordable(value);
          const json = JSON.stringify(kept);
          if (typeof value === 'object' && value !== null) expect(kept).not.toBe(value);
          if (json !== undefined) expect(JSON.stringify(recordable(JSON.parse(json)))).toBe(json);
        },
      ),
    );
  });
});

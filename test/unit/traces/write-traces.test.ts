import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TraceRecord, TraceStep } from '../../../src/hooks/trace.js';
import { findTrace } from '../../../src/traces/find-trace.js';
import { openTraceStore, type TraceStoreOptions } from '../../../src/traces/write-traces.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const DAY = 86_400_000;
const REFUSED: TraceStep = { n: 1, at: 0, event: 'onConnect', action: 'reject', decidedBy: 'p' };

function record(session: string, steps: readonly TraceStep[] = [REFUSED], time = 0): TraceRecord {
  return { v: 1, session, time, listener: 'mx', remoteIp: '192.0.2.1', steps };
}

function openStore(options: Partial<TraceStoreOptions> = {}) {
  const dir = options.dir ?? join(tempFolder(), 'traces');
  const clock = createFakeClock();
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const store = openTraceStore(
    { dir, keep: { ageMs: DAY, size: 1_000_000 }, accepted: true, ...options },
    clock,
    log,
  );
  const lines = (): string[] =>
    readdirSync(dir)
      .sort()
      .flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))
      .filter((line) => line !== '');
  return { dir, clock, logged, store, lines };
}

describe('the trace store', () => {
  it('gathers records for a moment and appends them together', async () => {
    const { store, clock, lines, dir } = openStore();
    store.write(record('a'));
    store.write(record('b'));
    expect(lines()).toEqual([]);
    await clock.advance(100);
    await store.flush();
    expect(lines().map((line) => (JSON.parse(line) as TraceRecord).session)).toEqual(['a', 'b']);
    expect(readdirSync(dir)).toEqual([`1767225600100-${process.pid}.jsonl`]);
  });

  it('lets nobody but its own user read', async () => {
    const { store, dir } = openStore();
    store.write(record('a'));
    await store.flush();
    const [name = ''] = readdirSync(dir);
    expect([dir, join(dir, name)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });

  it('puts everything on disk on flush and on close', async () => {
    const { store, lines } = openStore();
    store.write(record('a'));
    await store.flush();
    expect(lines()).toHaveLength(1);
    store.write(record('b'));
    store.close();
    expect(lines()).toHaveLength(2);
    store.close();
    expect(lines()).toHaveLength(2);
  });

  it('makes its folder and leaves other files in it alone', async () => {
    const dir = join(tempFolder(), 'var', 'traces');
    const { store } = openStore({ dir, keep: { ageMs: 0, size: 0 } });
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    store.write(record('a'));
    await store.flush();
    expect(readdirSync(dir)).toContain('notes.txt');
  });

  it('keeps the acceptance of mail only where it is asked to', async () => {
    const queued: TraceStep = {
      n: 2,
      at: 1,
      event: 'end-of-data',
      reason: 'queued',
      text: '250',
      queueId: 'q-1',
    };
    const passed: TraceStep = { n: 1, at: 0, event: 'onConnect', action: '', decidedBy: '' };
    const denied: TraceStep = { n: 3, at: 2, event: 'RCPT', reason: 'relay-denied', text: '550' };
    const failed: TraceStep = { ...passed, reason: 'policy-failure', text: 'threw' };
    const written = async (accepted: boolean): Promise<readonly string[]> => {
      const { store, lines } = openStore({ accepted });
      store.write(record('passed', [passed]));
      store.write(record('queued', [passed, queued]));
      store.write(record('denied', [passed, denied]));
      store.write(record('failed', [failed]));
      store.write(record('refused'));
      store.write(record('closed', []));
      await store.flush();
      return lines().map((line) => (JSON.parse(line) as TraceRecord).session);
    };
    expect(await written(true)).toEqual(['passed', 'queued', 'denied', 'failed', 'refused', 'closed']);
    expect(await written(false)).toEqual(['denied', 'failed', 'refused']);
  });

  it('opens a new segment when one is full', async () => {
    const { store, clock, dir } = openStore({ keep: { ageMs: DAY, size: 16_000 } });
    for (let i = 0; i < 10; i += 1) {
      store.write(record(`session-${i}`, [{ ...REFUSED, explanation: 'x'.repeat(300) }]));
      await store.flush();
      await clock.advance(1);
    }
    expect(readdirSync(dir)).toHaveLength(5);
  });

  it('opens a new segment after a while, so that age can be swept', async () => {
    const { store, clock, dir } = openStore();
    store.write(record('a'));
    await store.flush();
    await clock.advance(DAY / 16);
    store.write(record('b'));
    await store.flush();
    expect(readdirSync(dir)).toHaveLength(2);
  });

  it('keeps within its room, the newest first', async () => {
    const { store, clock, dir } = openStore({ keep: { ageMs: DAY, size: 16_000 } });
    for (let i = 0; i < 200; i += 1) {
      store.write(record(`session-${i}`, [{ ...REFUSED, explanation: 'x'.repeat(300) }]));
      await store.flush();
      await clock.advance(1);
    }
    const all = readdirSync(dir)
      .map((name) => readFileSync(join(dir, name), 'utf8'))
      .join('');
    expect(all.length).toBeLessThanOrEqual(17_000);
    expect(all.length).toBeGreaterThan(14_000);
    expect(all).toContain('"session-199"');
    expect(all).not.toContain('"session-0"');
  });

  it('survives a folder that cannot be written, says so once, and again after it could', async () => {
    const { store, dir, logged, lines } = openStore();
    const fail = async (): Promise<void> => {
      rmSync(dir, { recursive: true });
      writeFileSync(dir, 'a file is in the way');
      for (const session of ['lost', 'lost too']) {
        store.write(record(session));
        await store.flush();
      }
    };
    const recover = async (session: string): Promise<void> => {
      rmSync(dir);
      mkdirSync(dir);
      store.write(record(session));
      await store.flush();
    };
    const said = 'traces cannot be written; postern explain will miss them';
    await fail();
    expect(logged).toEqual([said]);
    await recover('back');
    expect(lines()).toHaveLength(1);
    await fail();
    expect(logged).toEqual([said, said]);
    store.write(record('last'));
    store.close();
    expect(logged).toEqual([said, said]);
  });

  it('does not let a line that was cut short spoil the next one', async () => {
    const { store, clock, dir } = openStore();
    store.write(record('0m7c3k9qab1x'));
    await store.flush();
    const segment = join(dir, readdirSync(dir)[0] ?? '');
    // What a disk without room leaves: part of a line, and an error.
    appendFileSync(segment, '{"v":1,"session":"0m7c3k9qab1y","ste');
    rmSync(dir, { recursive: true });
    writeFileSync(dir, '');
    store.write(record('lost'));
    await store.flush();
    rmSync(dir);
    mkdirSync(dir);
    writeFileSync(segment, '{"v":1,"session":"0m7c3k9qab1y","ste');
    store.write(record('0m7c3k9qab1z', [REFUSED], clock.now()));
    await store.flush();
    expect((await findTrace(dir, '0m7c3k9qab1z'))?.record.session).toBe('0m7c3k9qab1z');
  });

  it('drops and counts records that the disk cannot follow', async () => {
    const { store, logged, lines } = openStore({ keep: { ageMs: DAY, size: 1e9 } });
    const big: TraceStep = { ...REFUSED, explanation: 'x'.repeat(1024 * 1024) };
    for (let i = 0; i < 10; i += 1) store.write(record(`s${i}`, [big]));
    await store.flush();
    expect(lines()).toHaveLength(7);
    expect(logged).toEqual(['trace records were dropped']);
    store.write(record('after'));
    await store.flush();
    expect(lines()).toHaveLength(8);
  });

  it('leaves no timer behind', async () => {
    const { store, clock } = openStore();
    store.write(record('a'));
    expect(clock.pending()).toBe(1);
    store.close();
    expect(clock.pending()).toBe(0);
  });
});

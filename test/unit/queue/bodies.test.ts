import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MessageBody } from '../../../src/message/body.js';
import { openBodies, type Bodies } from '../../../src/queue/bodies.js';
import { noSteps, type Step, type StepHook } from '../../../src/queue/steps.js';
import { octetsOf, sampleId } from '../../helpers/queue-samples.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const THRESHOLD = 100;

async function open(steps: StepHook = noSteps): Promise<{ bodies: Bodies; dir: string }> {
  const dir = join(tempFolder(), 'spool');
  return { bodies: await openBodies({ dir, thresholdBytes: THRESHOLD, steps }), dir };
}

async function write(bodies: Bodies, n: number, pieces: readonly Buffer[]): Promise<MessageBody> {
  const builder = bodies.createBody(sampleId(n));
  for (const piece of pieces) await builder.write(piece);
  return builder.finish();
}

function pathOf(body: MessageBody): string {
  if (body.place !== 'file') throw new Error('expected a file');
  return body.path;
}

describe('createBody', () => {
  it('keeps a small body in memory, without a copy of a single piece', async () => {
    const { bodies, dir } = await open();
    const piece = Buffer.alloc(THRESHOLD, 'x');
    const body = await write(bodies, 1, [piece]);
    expect(body).toMatchObject({ place: 'memory', size: THRESHOLD });
    if (body.place === 'memory') expect(body.bytes).toBe(piece);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
    expect((await write(bodies, 2, [])).size).toBe(0);
    expect(await octetsOf(await write(bodies, 3, [Buffer.from('a'), Buffer.from('b')]))).toEqual(
      Buffer.from('ab'),
    );
  });

  it('brings a large body to disk step by step, in the order that makes it durable', async () => {
    const steps: Step[] = [];
    const { bodies } = await open((step) => steps.push(step));
    const pieces = [Buffer.alloc(80, 'a'), Buffer.alloc(80, 'b'), Buffer.alloc(0), Buffer.alloc(80, 'c')];
    const body = await write(bodies, 1, pieces);
    expect(body).toMatchObject({ place: 'file', size: 240 });
    expect(await octetsOf(body)).toEqual(Buffer.concat(pieces));
    expect(readFileSync(pathOf(body))).toEqual(Buffer.concat(pieces));
    expect(new Set(steps)).toEqual(
      new Set(['body.opened', 'body.written', 'body.synced', 'body.published', 'body.directorySynced']),
    );
    expect(steps.slice(-3)).toEqual(['body.synced', 'body.published', 'body.directorySynced']);
    expect(await bodies.published()).toEqual(new Set([sampleId(1)]));
    expect(await octetsOf(bodies.open(sampleId(1), 240, body.place === 'file' ? body.crc : 0))).toHaveLength(
      240,
    );
  });

  it('makes the caller wait when too much waits for the disk', async () => {
    const { bodies } = await open();
    const builder = bodies.createBody(sampleId(1));
    const waits: boolean[] = [];
    for (let i = 0; i < 7; i += 1) {
      const wait = builder.write(Buffer.alloc(100_000, i));
      waits.push(wait !== undefined);
      if (wait) await wait;
    }
    expect(waits).toEqual([false, false, true, false, false, false, true]);
    expect(builder.size).toBe(700_000);
    expect((await builder.finish()).size).toBe(700_000);
  });

  it('takes a finished body back when nothing came of it', async () => {
    const { bodies, dir } = await open();
    const builder = bodies.createBody(sampleId(1));
    await builder.write(Buffer.alloc(240));
    const body = await builder.finish();
    await builder.abort();
    expect(existsSync(pathOf(body))).toBe(false);
    expect(await bodies.published()).toEqual(new Set());
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  it('leaves nothing after abort', async () => {
    const { bodies, dir } = await open();
    for (const size of [10, 1000]) {
      const builder = bodies.createBody(sampleId(size));
      await builder.write(Buffer.alloc(size));
      await builder.abort();
    }
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  it('never replaces the body of another message', async () => {
    const { bodies } = await open();
    const first = await write(bodies, 1, [Buffer.alloc(200, 'a')]);
    await expect(write(bodies, 1, [Buffer.alloc(200, 'b')])).rejects.toMatchObject({
      code: 'ERR_QUEUE_WRITE',
    });
    expect(await octetsOf(first)).toEqual(Buffer.alloc(200, 'a'));
  });

  it('takes no name that is not an id', async () => {
    const { bodies } = await open();
    expect(() => bodies.createBody('../../etc/passwd')).toThrowError(
      expect.objectContaining({ code: 'ERR_INVARIANT' }) as Error,
    );
  });

  const faults: readonly (readonly [Step, string, string])[] = [
    ['body.opened', 'ENOSPC', 'ERR_QUEUE_FULL'],
    ['body.written', 'ENOSPC', 'ERR_QUEUE_FULL'],
    ['body.synced', 'EIO', 'ERR_QUEUE_WRITE'],
    ['body.published', 'EIO', 'ERR_QUEUE_WRITE'],
  ];

  it.each(faults)('reports a fault at %s (%s) as %s', async (at, code, expected) => {
    const { bodies, dir } = await open((step) => {
      if (step === at) throw Object.assign(new Error(code), { code });
    });
    const builder = bodies.createBody(sampleId(1));
    await builder.write(Buffer.alloc(200));
    await expect(builder.finish()).rejects.toMatchObject({ code: expected });
    await builder.abort();
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  it('keeps reporting the first fault, also to a caller that does not look', async () => {
    const { bodies } = await open((step) => {
      if (step === 'body.opened') throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    const builder = bodies.createBody(sampleId(1));
    await expect(builder.write(Buffer.alloc(400_000))).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    const ignored = builder.write(Buffer.alloc(1));
    expect(ignored).toBeDefined();
    await expect(builder.finish()).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    await builder.abort();
  });
});

describe('a body file', () => {
  async function readThenSpoil(spoil: (path: string) => void): Promise<{ seen: number; error: unknown }> {
    const { bodies } = await open();
    const body = await write(bodies, 1, [Buffer.alloc(150_000, 'a')]);
    spoil(pathOf(body));
    let seen = 0;
    try {
      for await (const piece of body.stream()) seen += piece.length;
    } catch (error) {
      return { seen, error };
    }
    return { seen, error: undefined };
  }

  it('is not handed out whole when an octet has changed', async () => {
    const { seen, error } = await readThenSpoil((path) => {
      writeFileSync(path, Buffer.concat([Buffer.alloc(149_999, 'a'), Buffer.from('b')]));
    });
    expect(error).toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
    expect(seen).toBeLessThan(150_000);
  });

  it('is not handed out whole when it was cut', async () => {
    const { error } = await readThenSpoil((path) => {
      truncateSync(path, 1000);
    });
    expect(error).toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
  });

  it('fails when it is missing; removing it twice does not', async () => {
    const { bodies } = await open();
    const body = await write(bodies, 1, [Buffer.alloc(1000)]);
    await bodies.remove(sampleId(1));
    await bodies.remove(sampleId(1));
    await expect(octetsOf(body)).rejects.toMatchObject({ code: 'ERR_QUEUE_CORRUPT' });
  });
});

describe('clearUnfinished', () => {
  it('removes what lies in tmp, and leaves published files and strangers alone', async () => {
    const { bodies, dir } = await open();
    await write(bodies, 1, [Buffer.alloc(1000)]);
    writeFileSync(join(dir, 'tmp', sampleId(2)), 'half');
    writeFileSync(join(dir, '0', 'README'), 'a note of the operator');
    expect(await bodies.clearUnfinished()).toBe(1);
    expect(await bodies.published()).toEqual(new Set([sampleId(1)]));
    expect(existsSync(join(dir, '0', 'README'))).toBe(true);
  });
});

import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { watchFreeSpace } from '../../../src/app/free-space.js';
import { watchHealth } from '../../../src/app/health.js';
import { QueueError } from '../../../src/core/errors.js';
import { silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

function watch(minimum = 0, getSetting: () => Promise<undefined> = () => Promise.resolve(undefined)) {
  const clock = createFakeClock();
  const space = watchFreeSpace({ dir: tmpdir(), minimum, clock, log: silentLogger });
  return { clock, health: watchHealth({ queue: { getSetting }, space, clock }) };
}

const WELL = { ok: true, text: 'ok' };
const failure = (): QueueError => new QueueError('ERR_QUEUE_WRITE', { detail: { reason: 'disk is ill' } });

describe('watchHealth', () => {
  it('is well while there is room and the queue answers', async () => {
    const { health, clock } = watch();
    expect(await health.check()).toEqual(WELL);
    expect(clock.pending()).toBe(0);
  });

  it('says that the disk is too full', async () => {
    const { health } = watch(Number.MAX_SAFE_INTEGER);
    expect(await health.check()).toEqual({
      ok: false,
      text: expect.stringContaining('queue.minFreeSpace') as string,
    });
  });

  it('says that the queue does not answer, or answers with an error', async () => {
    const closed = watch(0, () => Promise.reject(new QueueError('ERR_QUEUE_CLOSED')));
    expect(await closed.health.check()).toEqual({ ok: false, text: 'the queue is closed' });
    const silent = watch(0, () => new Promise(() => undefined));
    const asked = silent.health.check();
    // The look at the disk is a real one, and the patience begins after it.
    while (silent.clock.pending() === 0) await silent.clock.settle();
    await silent.clock.advance(5000);
    expect(await asked).toEqual({ ok: false, text: 'the queue has not answered for 5 s' });
  });

  it('remembers for a minute that a message could not be stored', async () => {
    const { health, clock } = watch();
    const error = failure();
    await expect(health.noting(Promise.reject(error))).rejects.toBe(error);
    await clock.advance(20_000);
    expect(await health.check()).toEqual({
      ok: false,
      text: 'the queue could not store the message: disk is ill (20 s ago)',
    });
    await clock.advance(40_000);
    expect(await health.check()).toEqual(WELL);
  });

  it('gives back what was written, and holds nothing against it that is no trouble of the queue', async () => {
    const { health } = watch();
    expect(await health.noting(Promise.resolve(3))).toBe(3);
    await expect(health.noting(Promise.reject(new Error('the client has gone')))).rejects.toThrow('gone');
    expect(await health.check()).toEqual(WELL);
  });
});

/** New mail is refused while the disk is too full, and the disk is not asked for each message. */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { watchFreeSpace } from '../../../src/app/free-space.js';
import { silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

function watch(minimum: number, dir = tmpdir()) {
  const warned: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => warned.push(message) };
  const clock = createFakeClock();
  return { space: watchFreeSpace({ dir, minimum, clock, log }), warned, clock };
}

describe('watchFreeSpace', () => {
  it('lets mail in while there is room', async () => {
    await expect(watch(1).space.require()).resolves.toBeUndefined();
  });

  it('refuses with ERR_QUEUE_FULL when there is not, and names the setting', async () => {
    await expect(watch(Number.MAX_SAFE_INTEGER).space.require()).rejects.toMatchObject({
      code: 'ERR_QUEUE_FULL',
      message: expect.stringContaining('queue.minFreeSpace') as string,
    });
  });

  it('accepts and says so when the file system does not answer', async () => {
    const { space, warned } = watch(Number.MAX_SAFE_INTEGER, '/no/such/folder');
    await expect(space.require()).resolves.toBeUndefined();
    await expect(space.require()).resolves.toBeUndefined();
    expect(warned).toHaveLength(1);
  });

  it('looks again after a while', async () => {
    const { space, warned, clock } = watch(1, '/no/such/folder');
    await space.require();
    await clock.advance(2000);
    await space.require();
    expect(warned).toHaveLength(2);
  });
});

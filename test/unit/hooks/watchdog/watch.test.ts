import { describe, expect, it } from 'vitest';
import { BEAT, createWatch, MARK } from '../../../../src/hooks/watchdog/watch.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';

describe('the main thread’s side', () => {
  it('beats ten times a second, and forgets at each beat who had control', async () => {
    const clock = createFakeClock();
    const watch = createWatch(clock);
    const words = new Int32Array(watch.memory);
    expect([words[BEAT], words[MARK]]).toEqual([1, 0]);
    watch.enter(7);
    await clock.advance(99);
    expect([words[BEAT], words[MARK]]).toEqual([1, 7]);
    await clock.advance(1);
    expect([words[BEAT], words[MARK]]).toEqual([2, 0]);
    await clock.advance(1000);
    expect(words[BEAT]).toBe(12);
    watch.stop();
  });

  it('notes who has control and who has given it back', () => {
    const watch = createWatch(createFakeClock());
    const words = new Int32Array(watch.memory);
    watch.enter(3);
    expect(words[MARK]).toBe(3);
    watch.leave();
    expect(words[MARK]).toBe(0);
    watch.stop();
  });

  it('beats no more when it has stopped', async () => {
    const clock = createFakeClock();
    const watch = createWatch(clock);
    watch.stop();
    await clock.advance(1000);
    expect(new Int32Array(watch.memory)[BEAT]).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { silentLogger, type Logger } from '../../../src/core/log.js';
import { startSweep } from '../../../src/queue/sweep.js';

function setUp(answers: (number | Error)[]) {
  const clock = createFakeClock();
  const asked: number[] = [];
  const warned: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => warned.push(message) };
  const stop = startSweep({
    clock,
    log,
    store: {
      sweepChecks(now, limit) {
        asked.push(now - (clock.now() - clock.elapsed()));
        expect(limit).toBeLessThanOrEqual(500);
        const next = answers.shift() ?? 0;
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
    },
  });
  return { clock, asked, warned, stop };
}

describe('startSweep', () => {
  it('looks once a minute, and goes on in steps while there is much to do', async () => {
    const { clock, asked } = setUp([0, 1000, 1000, 3, 0]);
    await clock.advance(250_000);
    expect(asked).toEqual([60_000, 120_000, 120_250, 120_500, 180_500, 240_500]);
  });

  it('goes on after a fault, and says so', async () => {
    const { clock, asked, warned } = setUp([new Error('no disk')]);
    await clock.advance(120_000);
    expect(asked).toEqual([60_000, 120_000]);
    expect(warned).toHaveLength(1);
  });

  it('ends when it is told to, also while a step runs', async () => {
    const { clock, asked, stop } = setUp([1000]);
    await clock.advance(60_000);
    stop();
    await clock.advance(600_000);
    expect(asked).toEqual([60_000]);
    expect(clock.pending()).toBe(0);
  });
});

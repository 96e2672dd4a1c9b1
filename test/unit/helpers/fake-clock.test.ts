import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../helpers/fake-clock.js';

describe('the virtual clock', () => {
  it('moves both times together and only when told', async () => {
    const clock = createFakeClock({ start: 1000 });
    expect([clock.now(), clock.elapsed()]).toEqual([1000, 0]);
    await clock.advance(250);
    expect([clock.now(), clock.elapsed()]).toEqual([1250, 250]);
  });

  it('fires timers in order of their moment, then of their setting', async () => {
    const clock = createFakeClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push('late'));
    clock.after(10, () => fired.push('first of two'));
    clock.after(10, () => fired.push('second of two'));
    await clock.advance(20);
    expect(fired).toEqual(['first of two', 'second of two', 'late']);
  });

  it('shows a timer the moment at which it fires, not the end of the step', async () => {
    const clock = createFakeClock({ start: 0 });
    const seen: number[] = [];
    clock.after(30, () => seen.push(clock.now()));
    await clock.advance(1000);
    expect(seen).toEqual([30]);
  });

  it('fires what a timer sets on the way', async () => {
    const clock = createFakeClock();
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.elapsed());
      if (fired.length < 3) clock.after(10, again);
    };
    clock.after(10, again);
    await clock.advance(100);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('lets promises that a timer resolves run before the next timer', async () => {
    const clock = createFakeClock();
    const order: string[] = [];
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        clock.after(ms, resolve);
      });
    const work = async (): Promise<void> => {
      await wait(10);
      for (let i = 0; i < 50; i += 1) await Promise.resolve();
      order.push('work');
    };
    const working = work();
    clock.after(11, () => order.push('timer'));
    await clock.advance(11);
    await working;
    expect(order).toEqual(['work', 'timer']);
  });

  it('cancels once and for all, and counts what is pending', async () => {
    const clock = createFakeClock();
    let fired = 0;
    const cancel = clock.after(5, () => {
      fired += 1;
    });
    expect(clock.pending()).toBe(1);
    cancel();
    cancel();
    expect(clock.pending()).toBe(0);
    await clock.advance(10);
    expect(fired).toBe(0);
  });

  it('draws the same octets for the same seed and others for another', () => {
    const draw = (seed: number): string => createFakeClock({ seed }).random(8).toString('hex');
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
    const clock = createFakeClock();
    expect(clock.random(8)).not.toEqual(clock.random(8));
  });
});

import { describe, expect, it } from 'vitest';
import { type LateSignal, withDeadline, withLateDeadline } from '../../../src/core/deadline.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

const never = (): Promise<never> => new Promise<never>(nothing);

function nothing(): void {
  // Neither resolves nor rejects.
}

describe('withDeadline', () => {
  it('gives the value of work that ends in time, and leaves no timer', async () => {
    const clock = createFakeClock();
    await expect(withDeadline({ clock, ms: 10 }, async () => 7)).resolves.toEqual({
      status: 'done',
      value: 7,
    });
    expect(clock.pending()).toBe(0);
  });

  it('answers at the deadline and aborts the work', async () => {
    const clock = createFakeClock();
    let seen: AbortSignal | undefined;
    const timed = withDeadline({ clock, ms: 10 }, (signal) => {
      seen = signal;
      return never();
    });
    await clock.advance(9);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    await expect(timed).resolves.toEqual({ status: 'timedOut' });
    expect(seen?.aborted).toBe(true);
  });

  it('answers when the caller aborts, before or during the work', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const timed = withDeadline({ clock, ms: 10, signal: controller.signal }, never);
    controller.abort();
    await expect(timed).resolves.toEqual({ status: 'aborted' });
    await expect(withDeadline({ clock, ms: 10, signal: controller.signal }, never)).resolves.toEqual({
      status: 'aborted',
    });
    expect(clock.pending()).toBe(0);
  });

  it('rejects with what the work threw, asynchronously or not', async () => {
    const clock = createFakeClock();
    await expect(withDeadline({ clock, ms: 10 }, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    await expect(
      withDeadline({ clock, ms: 10 }, () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(clock.pending()).toBe(0);
  });

  it('ignores a failure that comes after the deadline', async () => {
    const clock = createFakeClock();
    let fail: (error: Error) => void = nothing;
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const timed = withDeadline({ clock, ms: 10 }, () => work);
    await clock.advance(10);
    fail(new Error('too late'));
    await expect(timed).resolves.toEqual({ status: 'timedOut' });
  });

  it('ends at once without time', async () => {
    await expect(withDeadline({ clock: createFakeClock(), ms: 0 }, never)).resolves.toEqual({
      status: 'timedOut',
    });
  });
});

/** Waits as work does that hands its signal on. */
const waiting = ({ signal }: LateSignal): Promise<never> => {
  void signal.aborted;
  return never();
};

describe('withLateDeadline', () => {
  it('makes neither timer nor signal for work that waits for nothing', async () => {
    const clock = createFakeClock();
    const until = {
      get signal(): AbortSignal {
        throw new Error('nobody asks');
      },
    };
    const timed = withLateDeadline({ clock, ms: 10, until }, async () => 7);
    expect(clock.pending()).toBe(0);
    expect(await timed).toEqual({ status: 'done', value: 7 });
  });

  it('counts from the moment at which the work waits, and aborts it then', async () => {
    const clock = createFakeClock();
    let seen: AbortSignal | undefined;
    const timed = withLateDeadline({ clock, ms: 10 }, async (late) => {
      seen = late.signal;
      expect(late.signal).toBe(seen);
      return await never();
    });
    await clock.advance(9);
    expect(seen?.aborted).toBe(false);
    await clock.advance(1);
    expect(await timed).toEqual({ status: 'timedOut' });
    expect(seen?.aborted).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('answers when the caller aborts, before or during the work', async () => {
    const clock = createFakeClock();
    const until = new AbortController();
    const timed = withLateDeadline({ clock, ms: 10, until }, waiting);
    until.abort();
    expect(await timed).toEqual({ status: 'aborted' });
    expect(await withLateDeadline({ clock, ms: 10, until }, waiting)).toEqual({ status: 'aborted' });
    expect(clock.pending()).toBe(0);
  });

  it('rejects with what the work threw, and leaves no timer', async () => {
    const clock = createFakeClock();
    const failing = withLateDeadline({ clock, ms: 10 }, async ({ signal }) => {
      throw new Error(signal.aborted ? 'late' : 'no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(clock.pending()).toBe(0);
  });
});

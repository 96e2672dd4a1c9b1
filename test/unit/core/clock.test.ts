import { setTimeout as wallTimer } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.js';

describe('the system clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('answers wall time in whole milliseconds and a monotonic time that never goes back', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
    expect(Number.isInteger(systemClock.now())).toBe(true);
    const first = systemClock.elapsed();
    expect(systemClock.elapsed()).toBeGreaterThanOrEqual(first);
  });

  it('fires once after the delay', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    systemClock.after(50, task);
    vi.advanceTimersByTime(49);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('fires at the next turn for a delay below zero', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    systemClock.after(-5, task);
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('does not fire at once for a delay beyond what a timer carries', async () => {
    const task = vi.fn();
    const cancel = systemClock.after(Number.MAX_SAFE_INTEGER, task);
    await wallTimer(5);
    cancel();
    expect(task).not.toHaveBeenCalled();
  });

  it('cancels, also twice and also after the timer fired', () => {
    vi.useFakeTimers();
    const task = vi.fn();
    const cancel = systemClock.after(10, task);
    cancel();
    cancel();
    vi.advanceTimersByTime(100);
    expect(task).not.toHaveBeenCalled();
    const late = systemClock.after(10, task);
    vi.advanceTimersByTime(10);
    late();
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('gives as many octets as asked, and other ones each time', () => {
    expect(systemClock.random(0)).toHaveLength(0);
    expect(systemClock.random(16)).toHaveLength(16);
    expect(systemClock.random(16)).not.toEqual(systemClock.random(16));
  });
});

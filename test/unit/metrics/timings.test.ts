import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Timings } from '../../../src/metrics/timings.js';

const BOUNDS = [0.001, 0.1, 2];
const SEEN = [0, 0.001, 0.0011, 0.05, 0.1, 1, 2, 2.5, 100];

describe('Timings', () => {
  it('reads like the histogram of the library', async () => {
    const ours = new Registry();
    const timings = new Timings('t', 'Time.', ['policy', 'event'], BOUNDS);
    ours.registerMetric(timings as unknown as Histogram);
    const theirs = new Registry();
    const histogram = new Histogram({
      name: 't',
      help: 'Time.',
      labelNames: ['policy', 'event'],
      buckets: BOUNDS,
      registers: [theirs],
    });
    for (const policy of ['a', 'b']) {
      for (const seconds of SEEN) {
        timings.observe(seconds, policy, 'onConnect');
        histogram.observe({ policy, event: 'onConnect' }, seconds);
      }
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it('begins anew after a reset', async () => {
    const timings = new Timings('t', 'Time.', ['a', 'b'], BOUNDS);
    timings.observe(1, 'x', 'y');
    timings.reset();
    expect((await timings.get()).values).toEqual([]);
  });
});

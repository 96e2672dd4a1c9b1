import { describe, expect, it } from 'vitest';
import { createWorkSlots } from '../../../src/auth/work-slots.js';

/** Works that end when the test says so, and the order in which they began. */
function createBench() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => {
      ends.set(name, () => {
        resolve(name);
      });
    });
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, work, end };
}

describe('createWorkSlots', () => {
  it('runs no more at once than there are places, and serves keys in turn', async () => {
    const slots = createWorkSlots({ slots: 1, maxWaiting: 10, maxWaitingPerKey: 10 });
    const { begun, work, end } = createBench();
    const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'a4'].map((name) => slots.run(name.charAt(0), work(name)));
    expect(slots.waiting).toBe(5);
    await end('none');
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'a4']) await end(name);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'a4']);
    expect((await Promise.all(all)).every((outcome) => outcome.status === 'done')).toBe(true);
    expect(slots.waiting).toBe(0);
  });

  it('is busy beyond the line, in all and per key', async () => {
    const slots = createWorkSlots({ slots: 1, maxWaiting: 3, maxWaitingPerKey: 2 });
    const { work, end } = createBench();
    const first = slots.run('a', work('one'));
    const waiting = ['two', 'three'].map((name) => slots.run('a', work(name)));
    await expect(slots.run('a', work('four'))).resolves.toEqual({ status: 'busy' });
    waiting.push(slots.run('b', work('five')));
    await expect(slots.run('b', work('six'))).resolves.toEqual({ status: 'busy' });
    for (const name of ['one', 'two', 'five', 'three']) await end(name);
    await expect(Promise.all([first, ...waiting])).resolves.toHaveLength(4);
  });

  it('lets a key that is alone take the place of the last one of the longest line', async () => {
    const slots = createWorkSlots({ slots: 1, maxWaiting: 3, maxWaitingPerKey: 3 });
    const { begun, work, end } = createBench();
    const runs = ['a1', 'a2', 'a3', 'a4'].map((name) => slots.run('a', work(name)));
    runs.push(slots.run('b', work('b1')), slots.run('c', work('c1')), slots.run('d', work('d1')));
    expect(slots.waiting).toBe(3);
    for (const name of ['none', 'a1', 'a2', 'b1', 'c1']) await end(name);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1']);
    const statuses = (await Promise.all(runs)).map(({ status }) => status);
    expect(statuses).toEqual(['done', 'done', 'busy', 'busy', 'done', 'done', 'busy']);
    expect(slots.waiting).toBe(0);
  });

  it('lets a waiter go when its signal aborts, and gives the place to the next', async () => {
    const slots = createWorkSlots({ slots: 1, maxWaiting: 3, maxWaitingPerKey: 3 });
    const { begun, work, end } = createBench();
    const gone = new AbortController();
    const first = slots.run('a', work('first'));
    const second = slots.run('a', work('second'), gone.signal);
    const third = slots.run('a', work('third'));
    gone.abort();
    await expect(second).resolves.toEqual({ status: 'aborted' });
    await end('first');
    await end('third');
    await Promise.all([first, third]);
    expect(begun).toEqual(['first', 'third']);
    await expect(slots.run('a', work('late'), gone.signal)).resolves.toEqual({ status: 'aborted' });
  });

  it('frees the place when the work fails', async () => {
    const slots = createWorkSlots({ slots: 1, maxWaiting: 1, maxWaitingPerKey: 1 });
    await expect(slots.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(slots.run('a', () => Promise.resolve(1))).resolves.toEqual({ status: 'done', value: 1 });
  });
});

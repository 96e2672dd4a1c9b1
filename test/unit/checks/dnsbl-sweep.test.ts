import { describe, expect, it, vi } from 'vitest';
import { sweepDnsbls } from '../../../src/checks/dnsbl-sweep.js';

const lookup = vi.hoisted(() => vi.fn());
vi.mock('dnsbl', () => ({ lookup }));

describe('the sweep over many lists', () => {
  it('labels each list, in the order given, each asked once', async () => {
    lookup.mockImplementation((_ip: string, list: string) => Promise.resolve(list.startsWith('bad')));
    const lists = ['good.example', 'bad.example', 'dead.example', 'bad2.example'];
    expect(await sweepDnsbls({ ip: '::ffff:192.0.2.1', lists, servers: ['127.0.0.1'], parallel: 2 })).toEqual(
      {
        status: 'done',
        rows: [
          { list: 'good.example', label: 'not confirmed' },
          { list: 'bad.example', label: 'listed' },
          { list: 'dead.example', label: 'not confirmed' },
          { list: 'bad2.example', label: 'listed' },
        ],
      },
    );
    expect(lookup.mock.calls.map(([ip, list]: unknown[]) => [ip, list])).toEqual(
      lists.map((list) => ['192.0.2.1', list]),
    );
  });

  it('lets no timer of the package keep the process', async () => {
    const timers: NodeJS.Timeout[] = [];
    lookup.mockImplementation(() => {
      timers.push(setTimeout(() => undefined, 60_000));
      return Promise.resolve(false);
    });
    await sweepDnsbls({ ip: '192.0.2.1', lists: ['a.example'], servers: ['127.0.0.1'] });
    expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
    for (const timer of timers) clearTimeout(timer);
  });

  it('refuses what is no address', async () => {
    expect(await sweepDnsbls({ ip: 'x', lists: ['a.example'], servers: [] })).toEqual({
      status: 'badAddress',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { createServerOrder } from '../../../src/dns/server-order.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

describe('the order of servers', () => {
  const first = { address: '192.0.2.1', port: 53 };
  const second = { address: '192.0.2.2', port: 53 };

  it('puts one that was silent three times in a row last', () => {
    const order = createServerOrder([first, second], createFakeClock());
    order.silent(first);
    order.silent(first);
    order.answered(first);
    order.silent(first);
    order.silent(first);
    expect(order.list()).toEqual([first, second]);
    order.silent(first);
    expect(order.list()).toEqual([second, first]);
  });

  it('puts one that failed last for half a minute, or until it answers', async () => {
    const clock = createFakeClock();
    const order = createServerOrder([first, second], clock);
    expect(order.list()).toEqual([first, second]);
    order.failed(first);
    expect(order.list()).toEqual([second, first]);
    await clock.advance(30_000);
    expect(order.list()).toEqual([first, second]);
    order.failed(first);
    order.answered(first);
    expect(order.list()).toEqual([first, second]);
    order.failed(first);
    order.failed(second);
    expect(order.list()).toEqual([first, second]);
  });
});

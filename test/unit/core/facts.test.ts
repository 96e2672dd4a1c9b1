import { describe, expect, it, vi } from 'vitest';
import { createFactBus } from '../../../src/core/facts.js';

const loaded = { count: 2, ms: 3 };

describe('the fact bus', () => {
  it('tells every subscriber of that kind, in order of subscription, at once', () => {
    const bus = createFactBus(vi.fn());
    const heard: string[] = [];
    bus.subscribe('policies.loaded', (body) => heard.push(`first ${body.count}`));
    bus.subscribe('policies.loaded', (body) => heard.push(`second ${body.count}`));
    bus.subscribe('policies.kept', () => heard.push('another kind'));
    bus.publish('policies.loaded', loaded);
    expect(heard).toEqual(['first 2', 'second 2']);
  });

  it('takes a fact that nobody wants', () => {
    expect(() => {
      createFactBus(vi.fn()).publish('policies.loaded', loaded);
    }).not.toThrow();
  });

  it('keeps an error of a subscriber away from the publisher and from the others', () => {
    const onError = vi.fn();
    const bus = createFactBus(onError);
    const broken = new Error('a counter that overflowed');
    const hear = vi.fn();
    bus.subscribe('policies.loaded', () => {
      throw broken;
    });
    bus.subscribe('policies.loaded', hear);
    bus.publish('policies.loaded', loaded);
    expect(hear).toHaveBeenCalledWith(loaded);
    expect(onError).toHaveBeenCalledWith(broken, 'policies.loaded');
  });

  it('ends a subscription, also from inside, also twice', () => {
    const bus = createFactBus(vi.fn());
    const hear = vi.fn();
    const end = bus.subscribe('policies.loaded', () => {
      hear();
      end();
    });
    bus.publish('policies.loaded', loaded);
    bus.publish('policies.loaded', loaded);
    end();
    expect(hear).toHaveBeenCalledTimes(1);
  });
});

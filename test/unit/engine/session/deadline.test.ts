import { describe, expect, it } from 'vitest';
import { Deadline } from '../../../../src/engine/session/deadline.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';

function setUp() {
  const clock = createFakeClock();
  let expired = 0;
  const deadline = new Deadline(clock, () => {
    expired += 1;
  });
  return { clock, deadline, expired: () => expired };
}

describe('Deadline', () => {
  it('expires once, when it was last set to', async () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(100);
    await clock.advance(60);
    deadline.set(100);
    await clock.advance(60);
    expect(expired()).toBe(0);
    await clock.advance(60);
    expect(expired()).toBe(1);
    await clock.advance(1000);
    expect(expired()).toBe(1);
  });

  it('moves forward too', async () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(1000);
    deadline.set(10);
    await clock.advance(11);
    expect(expired()).toBe(1);
  });

  it('does not expire when it was cleared', async () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(100);
    deadline.clear();
    await clock.advance(500);
    expect(expired()).toBe(0);
    deadline.set(100);
    await clock.advance(101);
    expect(expired()).toBe(1);
  });

  it('keeps one timer however often it is set, and none after dispose', () => {
    const { clock, deadline } = setUp();
    for (let i = 0; i < 50; i += 1) deadline.set(100 + i);
    expect(clock.pending()).toBe(1);
    deadline.dispose();
    expect(clock.pending()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { checkGreylist, type GreylistArgs } from '../../../src/checks/greylist.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { createMemoryChecks } from '../../helpers/memory-checks.js';

const ARGS: GreylistArgs = {
  ip: '192.0.2.1',
  sender: 'a@example.org',
  recipient: 'b@here.example',
  rules: { delayMs: 300_000, retryWindowMs: 86_400_000, lifetimeMs: 3_110_400_000, networkAfter: 2 },
  ipv4Prefix: 24,
  ipv6Prefix: 64,
};

function setUp() {
  const clock = createFakeClock();
  const store = createMemoryChecks();
  const ask = (changes: Partial<GreylistArgs> = {}) =>
    checkGreylist({ store, clock }, { ...ARGS, ...changes });
  return { clock, store, ask };
}

describe('checkGreylist', () => {
  it('tells how long to wait, then passes, then trusts the network', async () => {
    const { clock, ask } = setUp();
    const started = clock.now();
    expect(await ask()).toEqual({
      status: 'new',
      waitSeconds: 300,
      firstSeen: started,
      explanation: 'Greylisted, please try again in 300 seconds',
      evidence: ['greylist 192.0.2.0/24: new'],
    });
    await ask({ recipient: 'c@here.example' });
    await clock.advance(298_500);
    expect(await ask({ ip: '192.0.2.99' })).toMatchObject({
      status: 'early',
      waitSeconds: 2,
      firstSeen: started,
    });
    await clock.advance(1500);
    expect(await ask()).toMatchObject({ status: 'passed', waitSeconds: 0, explanation: '' });
    expect(await ask({ recipient: 'd@here.example' })).toMatchObject({ status: 'new' });
    expect(await ask({ recipient: 'C@HERE.example' })).toMatchObject({ status: 'passed' });
    expect(await ask({ recipient: 'e@here.example' })).toMatchObject({
      status: 'whitelisted',
      waitSeconds: 0,
      firstSeen: undefined,
    });
  });

  it('knows the null sender', async () => {
    const { clock, ask } = setUp();
    expect((await ask({ sender: '' })).status).toBe('new');
    await clock.advance(300_000);
    expect((await ask({ sender: '' })).status).toBe('passed');
    expect((await ask()).status).toBe('new');
  });

  it('says so when nobody knows', async () => {
    const { store, ask } = setUp();
    store.broken = new Error('no\r\ndisk');
    expect(await ask()).toEqual({
      status: 'tempError',
      waitSeconds: 0,
      firstSeen: undefined,
      explanation: 'the greylist cannot be asked: no disk',
      evidence: ['greylist 192.0.2.0/24: no answer'],
    });
  });
});

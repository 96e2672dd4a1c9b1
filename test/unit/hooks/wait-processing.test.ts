/** waitProcessingTimeout: all handlers of onDataReceived together, and no other event. */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { openBench } from '../../helpers/policy-bench.js';

const never = new Promise<void>(() => undefined);

const waiting = (seconds: number) =>
  definePolicy({
    name: 'waiting',
    onFailure: 'accept',
    onEhlo(ctx) {
      ctx.waitProcessingTimeout = seconds;
    },
    onMailFrom: { timeoutMs: 60_000, handler: () => never },
    onDataReceived: { timeoutMs: 60_000, handler: () => never },
  });
const second = definePolicy({ name: 'second', onDataReceived: { timeoutMs: 60_000, handler: () => never } });

describe('waitProcessingTimeout', () => {
  it('ends all handlers of onDataReceived together', async () => {
    const bench = openBench([waiting(5), second], { onPolicyFailure: 'tmpreject' });
    await bench.run('onEhlo');
    const outcome = bench.run('onDataReceived');
    await bench.clock.advance(4_999);
    expect(bench.facts.filter(({ name }) => name === 'policy.failed')).toEqual([]);
    await bench.clock.advance(1);
    expect(await outcome).toMatchObject({
      action: 'tmpreject',
      decidedBy: 'second',
      failure: { code: 'ERR_POLICY_TIMEOUT' },
    });
  });

  it('bounds no other event, and with 0 none at all', async () => {
    const bench = openBench([waiting(5)]);
    await bench.run('onEhlo');
    const mail = bench.run('onMailFrom');
    await bench.clock.advance(59_999);
    expect(bench.facts.filter(({ name }) => name === 'policy.failed')).toEqual([]);
    await bench.clock.advance(1);
    await mail;
    const free = openBench([waiting(0)]);
    await free.run('onEhlo');
    const data = free.run('onDataReceived');
    await free.clock.advance(59_999);
    expect(free.facts.filter(({ name }) => name === 'policy.failed')).toEqual([]);
    await free.clock.advance(1);
    await data;
  });
});

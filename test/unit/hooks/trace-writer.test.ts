import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { noTraces } from '../../../src/hooks/trace.js';
import { call, type Loose, loosePolicy, openBench } from '../../helpers/policy-bench.js';

const refusing = definePolicy({
  name: 'refusing',
  onMailFrom(ctx) {
    if (ctx.mailFromDomain === 'spam.example') ctx.smtpAction = 'reject';
  },
});

describe('the trace of a session', () => {
  it('waits in memory until somebody may ask', async () => {
    const bench = openBench(refusing);
    await bench.run('onMailFrom', { mailFromDomain: 'ham.example' });
    expect(bench.traces).toEqual([]);
    await bench.clock.advance(12.5);
    const { step } = await bench.run('onMailFrom', { mailFromDomain: 'spam.example' });
    expect(step).toBe(2);
    expect(bench.traces).toMatchObject([
      {
        v: 1,
        session: '0m7c3k9qab1x',
        time: 1_767_225_600_000,
        listener: 'test',
        remoteIp: '192.0.2.1',
        steps: [
          { n: 1, at: 0, event: 'onMailFrom', action: '', decidedBy: '' },
          { n: 2, at: 12.5, event: 'onMailFrom', action: 'reject', decidedBy: 'refusing' },
        ],
      },
    ]);
    expect(bench.traces[0]?.closed).toBeUndefined();
  });

  it.each(['accept', 'discard'])('does not hurry for %s', async (action) => {
    const bench = openBench(
      loosePolicy({ name: 'p', onConnect: (ctx: Loose) => void (ctx['smtpAction'] = action) }),
    );
    await bench.run('onConnect');
    expect(bench.traces).toEqual([]);
  });

  it('hurries for a failure even where its mode is accept', async () => {
    const bench = openBench(
      definePolicy({ name: 'p', onFailure: 'accept', onConnect: () => Promise.reject(new Error('x')) }),
    );
    await bench.run('onConnect');
    expect(bench.steps()).toMatchObject([{ action: '', reason: 'policy-failure' }]);
  });

  it('has the decisions of the engine between those of the policies', async () => {
    const bench = openBench(refusing);
    await bench.run('onMailFrom', { mailFromDomain: 'ham.example' });
    expect(bench.session.note({ at: 'RCPT', reason: 'relay-denied', text: '550 no' })).toBe(2);
    expect(
      bench.session.note({
        at: 'end-of-data',
        reason: 'queued',
        text: '250 ok',
        queueId: 'q-1',
        messageId: 'm@x',
      }),
    ).toBe(3);
    expect(bench.steps().slice(1)).toEqual([
      { n: 2, at: 0, event: 'RCPT', reason: 'relay-denied', text: '550 no' },
      {
        n: 3,
        at: 0,
        event: 'end-of-data',
        reason: 'queued',
        text: '250 ok',
        queueId: 'q-1',
        messageId: 'm@x',
      },
    ]);
    expect(bench.traces).toHaveLength(2);
  });

  it('ends with the reason, also when everything else has been written', async () => {
    const quiet = openBench(refusing);
    await quiet.run('onMailFrom');
    quiet.session.close('quit');
    expect(quiet.traces).toMatchObject([{ closed: 'quit', steps: [{ n: 1 }] }]);
    const refused = openBench(refusing);
    await refused.run('onMailFrom', { mailFromDomain: 'spam.example' });
    refused.session.close('client');
    expect(refused.traces).toMatchObject([{ steps: [{ n: 1 }] }, { closed: 'client', steps: [] }]);
  });

  it('leaves nothing where nothing happened', () => {
    const bench = openBench(refusing);
    bench.session.close('quit');
    expect(bench.traces).toEqual([]);
  });

  it('has no step for an event that nobody hears', async () => {
    const bench = openBench(refusing);
    expect((await bench.run('onConnect')).step).toBe(0);
    expect((await bench.run('onMailFrom')).step).toBe(1);
    expect((await bench.run('onRcptTo')).step).toBe(1);
  });

  it('has no step for an event in which only internal policies looked, and found nothing', async () => {
    const last = [{ file: 'internal', exported: definePolicy({ ...refusing, name: 'internal' }) }];
    const alone = openBench([], { last });
    expect((await alone.run('onMailFrom', { mailFromDomain: 'ham.example' })).step).toBe(0);
    expect((await alone.run('onMailFrom', { mailFromDomain: 'spam.example' })).step).toBe(1);
    expect(alone.steps()).toMatchObject([{ n: 1, action: 'reject', decidedBy: 'internal' }]);
    const beside = openBench(refusing, { last });
    await beside.run('onMailFrom', { mailFromDomain: 'ham.example' });
    beside.session.close('quit');
    expect(beside.steps()[0]?.handlers?.map(({ policy }) => policy)).toEqual(['refusing', 'internal']);
  });

  it('is written in pieces when it grows long', async () => {
    const bench = openBench(refusing);
    for (let i = 0; i < 250; i += 1) await bench.run('onMailFrom');
    expect(bench.traces.map((record) => record.steps.length)).toEqual([100, 100]);
    bench.session.close('quit');
    expect(bench.steps().map(({ n }) => n)).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });
});

describe('body chunks', () => {
  const watching = (act: (ctx: Loose) => unknown) => openBench(loosePolicy({ name: 'p', onBodyChunk: act }));

  it('leave no step when nobody objects, whatever was read', async () => {
    const bench = watching((ctx) => void [ctx['mailFrom'], ctx['chunk']]);
    for (let i = 0; i < 300; i += 1) expect((await bench.run('onBodyChunk')).step).toBe(0);
    bench.session.close('quit');
    expect(bench.traces).toEqual([]);
  });

  it.each([
    ['decides', (ctx: Loose) => void (ctx['smtpAction'] = 'reject')],
    ['fails', () => Promise.reject(new Error('x'))],
    ['sets something', (ctx: Loose) => void (ctx['delayDelivery'] = '+1h')],
    ['asks something', async (ctx: Loose) => call(ctx, 'checkDNSBL', 'bl.example')],
  ])('leave one when a handler %s', async (_, act) => {
    const bench = watching(act);
    expect((await bench.run('onBodyChunk', { remoteSmtpIp: '192.0.2.1' })).step).toBe(1);
    bench.session.close('quit');
    expect(bench.steps()[0]).toMatchObject({ n: 1, event: 'onBodyChunk' });
  });
});

describe('no traces', () => {
  it('still number their steps, so that a reply has an id', async () => {
    const bench = openBench(refusing, { traces: noTraces });
    expect((await bench.run('onMailFrom', { mailFromDomain: 'spam.example' })).step).toBe(1);
    expect(bench.session.note({ at: 'RCPT', reason: 'relay-denied', text: '550 no' })).toBe(2);
    bench.session.close('quit');
  });
});

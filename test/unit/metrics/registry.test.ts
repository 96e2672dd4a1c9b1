import { describe, expect, it } from 'vitest';
import { createFactBus, type FactBus } from '../../../src/core/facts.js';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import { createMetrics } from '../../../src/metrics/registry.js';
import { openBench } from '../../helpers/policy-bench.js';

function counted() {
  const facts = createFactBus((error) => {
    throw error;
  });
  const registry = createMetrics(facts);
  /** The samples of the text that Prometheus reads, without comments. */
  const samples = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const of = async (name: string): Promise<readonly string[]> =>
    (await samples()).filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
  return { facts, registry, samples, of };
}

function tellEverything(facts: FactBus, client: string): void {
  const session = client;
  facts.publish('session.opened', { session, remoteIp: client, listener: 'mx' });
  facts.publish('command.answered', { session, verb: 'RCPT', code: 550, decidedBy: 'p' });
  facts.publish('auth.succeeded', { session, remoteIp: client, mechanism: 'PLAIN', user: client });
  facts.publish('auth.failed', {
    session,
    remoteIp: client,
    mechanism: 'LOGIN',
    user: client,
    reason: 'wrong',
  });
  facts.publish('policy.failed', {
    policy: 'p',
    event: 'onRcptTo',
    session,
    code: 'ERR_POLICY_THREW',
    message: client,
  });
  facts.publish('message.queued', { session, queueId: client, size: 100, recipients: 1, ms: 2 });
  facts.publish('message.signed', { session, queueId: client, domain: 'ours.test', selector: 's', ms: 1 });
  facts.publish('message.refused', { session, code: 550, decidedBy: 'p' });
  facts.publish('message.discarded', { session, decidedBy: 'p' });
  facts.publish('recipient.delivered', { queueId: client, recipient: client, transport: 'local' });
  facts.publish('recipient.deferred', { queueId: client, recipient: client, reason: client, retryInMs: 1 });
  facts.publish('recipient.failed', { queueId: client, recipient: client, reason: client });
  facts.publish('session.closed', { session, ms: 1, messages: 1, reason: 'quit' });
}

describe('the counters', () => {
  it('begin at nothing, each with its help', async () => {
    const { registry, samples } = counted();
    const text = await registry.metrics();
    for (const [, name] of text.matchAll(/^# TYPE (\w+)/gm)) {
      expect(name).toMatch(/^postern_[a-z_]+$/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z].*\\.$`, 'm'));
    }
    for (const line of await samples()) expect(line).toMatch(/ 0$/);
  });

  it('count logins', async () => {
    const { facts, of } = counted();
    tellEverything(facts, 'one');
    expect(await of('postern_logins_total')).toEqual([
      '{mechanism="PLAIN",result="succeeded"} 1',
      '{mechanism="LOGIN",result="wrong"} 1',
    ]);
  });

  it('count sessions and replies', async () => {
    const { facts, of } = counted();
    tellEverything(facts, 'one');
    facts.publish('session.opened', { session: 'b', remoteIp: '192.0.2.2', listener: 'submission' });
    expect(await of('postern_sessions_total')).toEqual(['{listener="mx"} 1', '{listener="submission"} 1']);
    expect(await of('postern_sessions_open')).toEqual([' 1']);
    expect(await of('postern_sessions_ended_total')).toEqual(['{reason="quit"} 1']);
    expect(await of('postern_replies_total')).toEqual(['{verb="RCPT",class="5xx"} 1']);
  });

  it('count messages and recipients', async () => {
    const { facts, of } = counted();
    tellEverything(facts, 'one');
    tellEverything(facts, 'two');
    expect(await of('postern_messages_total')).toEqual([
      '{result="queued"} 2',
      '{result="refused"} 2',
      '{result="discarded"} 2',
    ]);
    expect(await of('postern_message_octets_total')).toEqual([' 200']);
    expect(await of('postern_signatures_total')).toEqual(['{domain="ours.test"} 2']);
    expect(await of('postern_commit_seconds_sum')).toEqual([' 0.004']);
    expect(await of('postern_recipients_total')).toEqual([
      '{result="delivered"} 2',
      '{result="deferred"} 2',
      '{result="failed"} 2',
    ]);
  });

  it('make no series from what a client sends', async () => {
    const { facts, samples } = counted();
    tellEverything(facts, 'first.example');
    const before = (await samples()).length;
    for (let i = 0; i < 50; i += 1) tellEverything(facts, `client-${i}.example`);
    const after = await samples();
    expect(after).toHaveLength(before);
    expect(after.join('\n')).not.toContain('example');
  });

  it('count header fields in our name', async () => {
    const { facts, of } = counted();
    facts.publish('header.forged', { session: 's', removed: 2 });
    facts.publish('header.forged', { session: 't', removed: 1 });
    expect(await of('postern_forged_fields_total')).toEqual([' 3']);
  });

  it('count checks by what came out', async () => {
    const { facts, of } = counted();
    for (const status of ['new', 'new', 'passed', 'tempError']) {
      facts.publish('check.ran', { check: 'greylist', status, ms: 1 });
    }
    facts.publish('check.ran', { check: 'rate', status: 'refused', ms: 1 });
    expect(await of('postern_checks_total')).toEqual([
      '{check="greylist",status="new"} 2',
      '{check="greylist",status="passed"} 1',
      '{check="greylist",status="tempError"} 1',
      '{check="rate",status="refused"} 1',
    ]);
  });

  it('count the watchdog, reloads and ignored writes', async () => {
    const { facts, of } = counted();
    facts.publish('policy.blocked', { policy: 'p', event: 'onConnect', ms: 5, at: '/p/a.ts:3' });
    facts.publish('policy.disabled', { policy: 'p', reason: 'it blocked' });
    facts.publish('policy.ignoredWrite', { policy: 'p', event: 'onConnect', variable: 'x' });
    facts.publish('policies.loaded', { count: 4, ms: 10 });
    facts.publish('policies.kept', { file: '/p/a.ts', message: 'no' });
    facts.publish('queue.trouble', { code: 'ERR_QUEUE_WRITE', message: 'no' });
    expect(await of('postern_policy_blocked_total')).toEqual(['{policy="p",event="onConnect"} 1']);
    expect(await of('postern_policy_disabled_total')).toEqual(['{policy="p"} 1']);
    expect(await of('postern_policy_ignored_writes_total')).toEqual(['{policy="p",event="onConnect"} 1']);
    expect(await of('postern_policies')).toEqual([' 4']);
    expect(await of('postern_policy_reloads_refused_total')).toEqual([' 1']);
    expect(await of('postern_queue_trouble_total')).toEqual(['{code="ERR_QUEUE_WRITE"} 1']);
  });
});

describe('a policy that runs', () => {
  it('is counted by verdict and timed in seconds', async () => {
    const { facts, of } = counted();
    const bench = openBench([
      definePolicy({ name: 'quiet', onConnect: () => undefined }),
      definePolicy({
        name: 'slow',
        async onConnect(ctx) {
          await bench.clock.advance(20);
          ctx.smtpAction = 'reject';
        },
      }),
    ]);
    for (let i = 0; i < 2; i += 1) await bench.run('onConnect');
    for (const { name, body } of bench.facts) facts.publish(name, body);
    expect(await of('postern_policy_runs_total')).toEqual([
      '{policy="quiet",event="onConnect",verdict="none"} 2',
      '{policy="slow",event="onConnect",verdict="reject"} 2',
    ]);
    expect(await of('postern_policy_seconds_sum')).toEqual([
      '{policy="quiet",event="onConnect"} 0',
      '{policy="slow",event="onConnect"} 0.04',
    ]);
    expect(await of('postern_policy_seconds_bucket')).toEqual(
      expect.arrayContaining([
        '{le="0.00001",policy="quiet",event="onConnect"} 2',
        '{le="0.005",policy="slow",event="onConnect"} 0',
        '{le="0.025",policy="slow",event="onConnect"} 2',
      ]),
    );
  });
});

/**
 * Counters and histograms, fed by facts and by nothing else.
 *
 * Names follow Prometheus: `postern_` first, base units, `_total` for counters. Labels are names
 * that the operator chose (policies, listeners) or words of ours, never values from a client, so
 * that a stranger cannot make series.
 *
 * Callers: app subscribes it to the fact bus; metrics/server and createEngine().metrics() read it.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FactBus } from '../core/facts.js';

/** Seconds; a policy without network is done in microseconds, a DNS check in milliseconds. */
const POLICY_BUCKETS = [0.00001, 0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30];
const COMMIT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

function seconds(ms: number): number {
  return ms / 1000;
}

interface Made {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  gauge(name: string, help: string): Gauge;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
}

function maker(registry: Registry): Made {
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help) => new Gauge({ name, help, registers }),
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
  };
}

function countSessions(facts: FactBus, make: Made): void {
  const opened = make.counter('postern_sessions_total', 'Connections accepted, by listener.', ['listener']);
  const open = make.gauge('postern_sessions_open', 'Connections open now.');
  const ended = make.counter('postern_sessions_ended_total', 'Connections ended, by reason.', ['reason']);
  const answers = make.counter('postern_replies_total', 'Replies, by verb and first digit.', [
    'verb',
    'class',
  ]);
  facts.subscribe('session.opened', ({ listener }) => {
    opened.inc({ listener });
    open.inc();
  });
  facts.subscribe('session.closed', ({ reason }) => {
    ended.inc({ reason });
    open.dec();
  });
  facts.subscribe('command.answered', ({ verb, code }) => {
    answers.inc({ verb, class: `${Math.floor(code / 100)}xx` });
  });
}

function countLogins(facts: FactBus, make: Made): void {
  const labels = ['mechanism', 'result'];
  const logins = make.counter('postern_logins_total', 'Attempts to log in, by what came of them.', labels);
  facts.subscribe('auth.succeeded', ({ mechanism }) => {
    logins.inc({ mechanism, result: 'succeeded' });
  });
  facts.subscribe('auth.failed', ({ mechanism, reason }) => {
    logins.inc({ mechanism, result: reason });
  });
}

function countPolicies(facts: FactBus, make: Made): void {
  const labels = ['policy', 'event'];
  const runs = make.counter('postern_policy_runs_total', 'Handlers run, by verdict.', [...labels, 'verdict']);
  const took = make.histogram('postern_policy_seconds', 'Time a handler took.', POLICY_BUCKETS, labels);
  const failed = make.counter('postern_policy_failures_total', 'Handlers that failed, by code.', [
    ...labels,
    'code',
  ]);
  const blocked = make.counter('postern_policy_blocked_total', 'Busy loops that the watchdog found.', labels);
  const disabled = make.counter('postern_policy_disabled_total', 'Policies disabled by the watchdog.', [
    'policy',
  ]);
  const ignored = make.counter('postern_policy_ignored_writes_total', 'Writes ignored, once each.', labels);
  const loaded = make.gauge('postern_policies', 'Policies in force.');
  const kept = make.counter('postern_policy_reloads_refused_total', 'Changed files that did not load.');
  facts.subscribe('policy.ran', ({ policy, event, ms, verdict }) => {
    runs.inc({ policy, event, verdict });
    took.observe({ policy, event }, seconds(ms));
  });
  facts.subscribe('policy.failed', ({ policy, event, code }) => {
    failed.inc({ policy, event, code });
  });
  facts.subscribe('policy.blocked', ({ policy, event }) => {
    blocked.inc({ policy, event });
  });
  facts.subscribe('policy.disabled', ({ policy }) => {
    disabled.inc({ policy });
  });
  facts.subscribe('policy.ignoredWrite', ({ policy, event }) => {
    ignored.inc({ policy, event });
  });
  facts.subscribe('policies.loaded', ({ count }) => {
    loaded.set(count);
  });
  facts.subscribe('policies.kept', () => {
    kept.inc();
  });
}

function countMessages(facts: FactBus, make: Made): void {
  const messages = make.counter('postern_messages_total', 'Messages, by what became of them.', ['result']);
  const octets = make.counter('postern_message_octets_total', 'Octets of accepted messages.');
  const commit = make.histogram(
    'postern_commit_seconds',
    'Time from end of data to the durable commit.',
    COMMIT_BUCKETS,
  );
  const recipients = make.counter('postern_recipients_total', 'Recipients, by what became of them.', [
    'result',
  ]);
  const trouble = make.counter('postern_queue_trouble_total', 'Alarms of the queue, by code.', ['code']);
  facts.subscribe('message.queued', ({ size, ms }) => {
    messages.inc({ result: 'queued' });
    octets.inc(size);
    commit.observe(seconds(ms));
  });
  facts.subscribe('message.refused', () => {
    messages.inc({ result: 'refused' });
  });
  facts.subscribe('message.discarded', () => {
    messages.inc({ result: 'discarded' });
  });
  facts.subscribe('recipient.delivered', () => {
    recipients.inc({ result: 'delivered' });
  });
  facts.subscribe('recipient.deferred', () => {
    recipients.inc({ result: 'deferred' });
  });
  facts.subscribe('recipient.failed', () => {
    recipients.inc({ result: 'failed' });
  });
  facts.subscribe('queue.trouble', ({ code }) => {
    trouble.inc({ code });
  });
}

function countSettings(facts: FactBus, make: Made): void {
  const ignored = make.counter('postern_settings_ignored_total', 'Settings that have no effect.', [
    'setting',
  ]);
  facts.subscribe('setting.ignored', ({ setting }) => {
    ignored.inc({ setting });
  });
}

/** A registry that counts everything the bus tells from now on. */
export function createMetrics(facts: FactBus): Registry {
  const registry = new Registry();
  const make = maker(registry);
  countSessions(facts, make);
  countLogins(facts, make);
  countPolicies(facts, make);
  countMessages(facts, make);
  countSettings(facts, make);
  return registry;
}

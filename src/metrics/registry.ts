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
import { createTally, type Tally } from './tally.js';
import { Timings } from './timings.js';

/** Seconds; a policy without network is done in microseconds, a DNS check in milliseconds. */
const POLICY_BUCKETS = [0.00001, 0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30];
const COMMIT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

function seconds(ms: number): number {
  return ms / 1000;
}

/** `5xx` for 550. */
const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

function classOf(code: number): string {
  return CLASSES[Math.floor(code / 100)] ?? '';
}

interface Made {
  counter(name: string, help: string, labels?: readonly string[]): Tally;
  gauge(name: string, help: string): Gauge;
  /** Asked for its value when it is read. */
  reading(name: string, help: string, read: () => number): void;
  timings(name: string, help: string, labels: readonly [string, string], bounds: readonly number[]): Timings;
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
}

function maker(registry: Registry): Made {
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => {
      const tally = createTally(labels);
      new Counter({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          tally.drain((values, count) => {
            this.inc(values, count);
          });
        },
      });
      return tally;
    },
    gauge: (name, help) => new Gauge({ name, help, registers }),
    reading(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    timings(name, help, labels, bounds) {
      const timings = new Timings(name, help, labels, bounds);
      // The library asks a metric for its name, `get` and `reset`; its types want its own classes.
      registry.registerMetric(timings as unknown as Histogram);
      return timings;
    },
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers }),
  };
}

function countSessions(facts: FactBus, make: Made): void {
  const opened = make.counter('postern_sessions_total', 'Connections accepted, by listener.', ['listener']);
  let open = 0;
  make.reading('postern_sessions_open', 'Connections open now.', () => open);
  const ended = make.counter('postern_sessions_ended_total', 'Connections ended, by reason.', ['reason']);
  const answers = make.counter('postern_replies_total', 'Replies, by verb and first digit.', [
    'verb',
    'class',
  ]);
  facts.subscribe('session.opened', ({ listener }) => {
    opened.add(1, listener);
    open += 1;
  });
  facts.subscribe('session.closed', ({ reason }) => {
    ended.add(1, reason);
    open -= 1;
  });
  facts.subscribe('command.answered', ({ verb, code }) => {
    answers.add(1, verb, classOf(code));
  });
}

function countLogins(facts: FactBus, make: Made): void {
  const labels = ['mechanism', 'result'];
  const logins = make.counter('postern_logins_total', 'Attempts to log in, by what came of them.', labels);
  facts.subscribe('auth.succeeded', ({ mechanism }) => {
    logins.add(1, mechanism, 'succeeded');
  });
  facts.subscribe('auth.failed', ({ mechanism, reason }) => {
    logins.add(1, mechanism, reason);
  });
}

function countPolicies(facts: FactBus, make: Made): void {
  const labels = ['policy', 'event'];
  const runs = make.counter('postern_policy_runs_total', 'Handlers run, by verdict.', [...labels, 'verdict']);
  const took = make.timings(
    'postern_policy_seconds',
    'Time a handler took.',
    ['policy', 'event'],
    POLICY_BUCKETS,
  );
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
    runs.add(1, policy, event, verdict);
    took.observe(seconds(ms), policy, event);
  });
  facts.subscribe('policy.failed', ({ policy, event, code }) => {
    failed.add(1, policy, event, code);
  });
  facts.subscribe('policy.blocked', ({ policy, event }) => {
    blocked.add(1, policy, event);
  });
  facts.subscribe('policy.disabled', ({ policy }) => {
    disabled.add(1, policy);
  });
  facts.subscribe('policy.ignoredWrite', ({ policy, event }) => {
    ignored.add(1, policy, event);
  });
  facts.subscribe('policies.loaded', ({ count }) => {
    loaded.set(count);
  });
  facts.subscribe('policies.kept', () => {
    kept.add(1);
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
  const signatures = make.counter('postern_signatures_total', 'Signatures put on messages, by domain.', [
    'domain',
  ]);
  const trouble = make.counter('postern_queue_trouble_total', 'Alarms of the queue, by code.', ['code']);
  facts.subscribe('message.queued', ({ size, ms }) => {
    messages.add(1, 'queued');
    octets.add(size);
    commit.observe(seconds(ms));
  });
  facts.subscribe('message.refused', () => {
    messages.add(1, 'refused');
  });
  facts.subscribe('message.discarded', () => {
    messages.add(1, 'discarded');
  });
  facts.subscribe('message.signed', ({ domain }) => {
    signatures.add(1, domain);
  });
  facts.subscribe('recipient.delivered', () => {
    recipients.add(1, 'delivered');
  });
  facts.subscribe('recipient.deferred', () => {
    recipients.add(1, 'deferred');
  });
  facts.subscribe('recipient.failed', () => {
    recipients.add(1, 'failed');
  });
  facts.subscribe('queue.trouble', ({ code }) => {
    trouble.add(1, code);
  });
}

function countChecks(facts: FactBus, make: Made): void {
  const labels = ['check', 'status'];
  const checks = make.counter(
    'postern_checks_total',
    'Checks that policies asked for, by what came out.',
    labels,
  );
  const forged = make.counter(
    'postern_forged_fields_total',
    'Header fields of clients in our name, taken out.',
  );
  facts.subscribe('check.ran', ({ check, status }) => {
    checks.add(1, check, status);
  });
  facts.subscribe('header.forged', ({ removed }) => {
    forged.add(removed);
  });
}

function countBlockLists(facts: FactBus, make: Made): void {
  const failed = make.counter(
    'postern_blocklist_failures_total',
    'Questions to block lists of the settings that got no answer.',
    ['zone', 'status'],
  );
  facts.subscribe('blocklist.failed', ({ zone, status }) => {
    failed.add(1, zone, status);
  });
}

function countGeoFiles(facts: FactBus, make: Made): void {
  const labels = ['setting', 'result'];
  const files = make.counter('postern_geoip_files_total', 'GeoIP databases read, by what came out.', labels);
  facts.subscribe('geoip.loaded', ({ setting }) => {
    files.add(1, setting, 'loaded');
  });
  facts.subscribe('geoip.kept', ({ setting }) => {
    files.add(1, setting, 'refused');
  });
  facts.subscribe('geoip.damaged', ({ setting }) => {
    files.add(1, setting, 'damaged');
  });
}

function countSettings(facts: FactBus, make: Made): void {
  const ignored = make.counter('postern_settings_ignored_total', 'Settings that have no effect.', [
    'setting',
  ]);
  const kept = make.counter(
    'postern_settings_reloads_refused_total',
    'Changed settings files not taken over.',
  );
  facts.subscribe('settings.kept', () => {
    kept.add(1);
  });
  facts.subscribe('setting.ignored', ({ setting }) => {
    ignored.add(1, setting);
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
  countChecks(facts, make);
  countBlockLists(facts, make);
  countGeoFiles(facts, make);
  countSettings(facts, make);
  return registry;
}

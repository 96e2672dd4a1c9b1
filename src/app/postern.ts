/**
 * A whole Postern in this process: the composition root.
 *
 * Everything that has state is made here, in one order, and taken down in the reverse. `start`
 * either brings everything up or leaves nothing behind; `stop` takes no new mail, lets sessions
 * and deliveries finish within the configured time, and returns when all is on disk.
 *
 * Callers: index.ts (createEngine), cli/start. Rejects with ConfigError, PolicyLoadError,
 * QueueError or ERR_LISTEN.
 */
import type { Registry } from 'prom-client';
import { type Clock, systemClock } from '../core/clock.js';
import { createFactBus, type FactBus, type FactMap, type FactName } from '../core/facts.js';
import { createSessionIds } from '../core/ids.js';
import type { Logger } from '../core/log.js';
import type { BoundListener } from '../engine/listener/server.js';
import type { LoadedPolicy } from '../hooks/loaded-policy.js';
import type { PolicyList } from '../hooks/types.js';
import { createMetrics } from '../metrics/registry.js';
import { type MetricsServer, startMetricsServer } from '../metrics/server.js';
import { explainTrace } from '../traces/explain.js';
import { findTrace } from '../traces/find-trace.js';
import { openTraceStore, type TraceStore } from '../traces/write-traces.js';
import { composeAuth } from './compose-auth.js';
import { composeDkim } from './compose-dkim.js';
import { tellListeners } from './compose-listeners.js';
import { composeMail, type Mail, openMailQueue } from './compose-mail.js';
import { composePolicies, type Policies } from './compose-policies.js';
import { composeSettings } from './compose-settings.js';
import { composeTls } from './compose-tls.js';
import type { Config } from './config-types.js';
import { prepareDataDir } from './data-dir.js';
import { logFacts } from './log-facts.js';
import { blockedReportFile, tracesDir } from './paths.js';
import { Teardown } from './teardown.js';

export interface PosternOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Policies of the host program; they run before those of files. */
  readonly policies?: PolicyList;
  /** Policies that must not run, with the reason. */
  readonly disabled?: readonly { readonly policy: string; readonly reason: string }[];
  /** The time of the whole program. Default: the system's. */
  readonly clock?: Clock;
  /** Whether a supervisor replaces this process, so that the watchdog may end it. */
  readonly supervised?: boolean;
}

export interface Postern {
  readonly listeners: readonly BoundListener[];
  readonly policies: readonly LoadedPolicy[];
  readonly monitoring: { readonly host: string; readonly port: number } | undefined;
  /** Loads the policy files again. */
  reloadPolicies(): Promise<'loaded' | 'kept'>;
  /** Looks at settings, policies, certificates, DKIM keys and users anew; what cannot be used leaves what was there before. */
  reload(): Promise<void>;
  /** Lines that explain a reply id, queue id, session id or Message-ID; undefined when nothing is kept. */
  explain(id: string): Promise<readonly string[] | undefined>;
  /** Counters in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Hears one kind of fact; the returned function ends that. */
  on<N extends FactName>(name: N, hear: (body: FactMap[N]) => void): () => void;
  /** Stops; further calls give the same promise. */
  stop(): Promise<void>;
}

interface Parts {
  readonly facts: FactBus;
  readonly registry: Registry;
  readonly policies: Policies;
  readonly reload: () => Promise<void>;
  readonly listeners: readonly BoundListener[];
  readonly monitoring: MetricsServer | undefined;
  readonly flushTraces: () => Promise<void>;
}

function openTraces(config: Config, clock: Clock, log: Logger, teardown: Teardown): TraceStore {
  const { keep, maxSize, accepted } = config.traces;
  const options = { dir: tracesDir(config), keep: { ageMs: keep, size: maxSize }, accepted };
  const traces = openTraceStore(options, clock, log);
  teardown.add('traces', () => {
    traces.close();
  });
  return traces;
}

async function build(options: PosternOptions, teardown: Teardown): Promise<Parts> {
  const { config, log } = options;
  prepareDataDir(config.dataDir);
  const { clock = systemClock } = options;
  const facts = createFactBus((error, name) => {
    log.error('a subscriber of facts threw', { fact: name, error: String(error) });
  });
  const registry = createMetrics(facts);
  logFacts(facts, log, clock);
  if (config.workers > 1) {
    facts.publish('setting.ignored', { setting: 'workers', reason: 'this version runs one engine process' });
  }
  tellListeners(config, log);

  const admin = await composeSettings(config, { clock, facts, log }, teardown);
  const traces = openTraces(config, clock, log, teardown);
  const queue = await openMailQueue(config, { clock, facts, log }, teardown);
  const dkim = await composeDkim(config, { clock, log }, teardown);
  const policies = await composePolicies(
    {
      config,
      own: options.policies,
      disabled: options.disabled ?? [],
      supervised: options.supervised ?? false,
      reportFile: blockedReportFile(config),
    },
    { clock, facts, log, traces, store: queue, admin, signingKeys: dkim?.signing.keys },
    teardown,
  );
  const tls = await composeTls(config, { clock, facts }, teardown);
  const auth = await composeAuth(config, { clock, facts, log }, teardown);
  const sessionIds = createSessionIds(clock);
  const { runtime, signatures } = policies;
  const mail = composeMail(
    config,
    {
      clock,
      facts,
      log,
      queue,
      admin,
      policies: runtime,
      signatures,
      signing: dkim?.signing,
      tls,
      authenticator: auth?.authenticator,
      sessionIds,
    },
    teardown,
  );
  const monitoring = await startMonitoring(config, registry, mail, log);
  if (monitoring) teardown.add('monitoring', () => monitoring.close());
  const listeners = await mail.engine.start();
  teardown.add('listeners', () => mail.engine.stop(config.shutdownTimeout));
  const reload = async (): Promise<void> => {
    const others = [tls?.reload(), auth?.reload(), dkim?.reload()];
    // One after the other, so that both are new when the answer comes.
    await admin.reload();
    await Promise.all([policies.reload(), ...others]);
  };
  return { facts, registry, policies, reload, listeners, monitoring, flushTraces: () => traces.flush() };
}

async function startMonitoring(
  config: Config,
  registry: Registry,
  mail: Mail,
  log: Logger,
): Promise<MetricsServer | undefined> {
  const { enabled, host, port } = config.metrics;
  if (!enabled) return undefined;
  return await startMetricsServer(registry, { host, port, health: mail.health }, log);
}

/** Brings everything up. */
export async function startPostern(options: PosternOptions): Promise<Postern> {
  const teardown = new Teardown(options.log);
  let parts: Parts;
  try {
    parts = await build(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
  const { facts, registry, policies, reload, listeners, monitoring, flushTraces } = parts;
  return {
    listeners,
    get policies() {
      return policies.runtime.set.policies;
    },
    monitoring: monitoring && { host: monitoring.host, port: monitoring.port },
    reloadPolicies: () => policies.reload(),
    reload,
    async explain(id) {
      await flushTraces();
      const found = await findTrace(tracesDir(options.config), id);
      return found && explainTrace(found);
    },
    metrics: () => registry.metrics(),
    on: (name, hear) => facts.subscribe(name, hear),
    stop: () => teardown.run(),
  };
}

/**
 * The policies in force: loaded from their files, run, watched, loaded again.
 *
 * The set is made of the operator's policies and of the internal ones; the one of the administrative
 * settings is made anew with them, and the files are not read again for it. Sessions keep the set
 * with which they began.
 *
 * Callers: app/compose-policies; app/check-policies loads as it does. Rejects with PolicyLoadError
 * when the first set does not load.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { Resolver } from '../dns/resolver.js';
import { adminPolicy } from '../hooks/internal/admin.js';
import type { BlockListDeps } from '../hooks/internal/admin-block-lists.js';
import { geoIpBan } from '../hooks/internal/geo-ip-ban.js';
import { spfFail } from '../hooks/internal/spf-fail.js';
import { type LoadOptions, loadPolicies } from '../hooks/load.js';
import type { MethodMap } from '../hooks/methods/method.js';
import type { PolicySet, PolicySource } from '../hooks/policy-set.js';
import { createRuntime, type Runtime } from '../hooks/runtime.js';
import type { TraceSink } from '../hooks/trace.js';
import type { Policy, PolicyList } from '../hooks/types.js';
import { startWatchdog, type Watchdog } from '../hooks/watchdog/watchdog.js';
import type { MimeParser } from '../message/mime/parser.js';
import type { AdminSettings } from '../settings/settings-table.js';
import type { LiveSettings } from './compose-settings.js';
import type { Config } from './config-types.js';
import { createPolicyReloader } from './reload-policies.js';
import type { Teardown } from './teardown.js';

export interface PolicyOptions {
  readonly config: Config;
  /** Policies of a host program. */
  readonly own: PolicyList | undefined;
  readonly disabled: readonly { readonly policy: string; readonly reason: string }[];
  readonly supervised: boolean;
  readonly reportFile: string;
}

export interface LivePolicyDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly traces: TraceSink;
  readonly admin: LiveSettings;
  readonly resolver: Resolver;
  readonly methods: MethodMap;
  readonly mime: MimeParser;
}

export interface LivePolicies {
  readonly runtime: Runtime;
  reload(): Promise<'loaded' | 'kept'>;
}

/** Stands for the file of the internal policies. */
export const BUILT_IN = '(built in)';

/** The policies that run after all others; `admin` is the one of the administrative settings. */
function internalPolicies(config: Config, admin?: Policy): readonly PolicySource[] {
  return [{ file: BUILT_IN, exported: [spfFail, config.geoip.country !== '' && geoIpBan, admin] }];
}

/** What `postern check` and a start load; the policy of the administrative settings comes later. */
export function loadOptionsOf(config: Config, own?: PolicyList): LoadOptions {
  return {
    paths: config.policies,
    own: own === undefined ? [] : [{ file: '(host program)', exported: own }],
    internal: internalPolicies(config),
  };
}

/** The internal policy of settings, made once for each version of them: long lists take their time. */
function adminPolicies(deps: BlockListDeps): (settings: AdminSettings) => Policy {
  const made = new WeakMap<AdminSettings, Policy>();
  return (settings) => {
    const policy = made.get(settings) ?? adminPolicy(settings, deps);
    made.set(settings, policy);
    return policy;
  };
}

function startDog(
  options: PolicyOptions,
  deps: LivePolicyDeps,
  disable: (policy: string, reason: string) => void,
): Watchdog {
  const { after, disableAfter, window } = options.config.watchdog;
  const settings = {
    afterMs: after,
    disableAfter,
    windowMs: window,
    reportFile: options.supervised ? options.reportFile : '',
    kill: options.supervised,
  };
  return startWatchdog(settings, { clock: deps.clock, facts: deps.facts, log: deps.log, disable });
}

function runtimeOf(first: PolicySet, config: Config, deps: LivePolicyDeps, { watch }: Watchdog): Runtime {
  const { clock, facts, log, traces, methods, mime } = deps;
  const settings = {
    policyTimeoutMs: config.policyTimeout,
    onPolicyFailure: config.onPolicyFailure,
    onIgnoredWrite: config.onIgnoredWrite,
  };
  return createRuntime(first, settings, { clock, facts, log, traces, methods, mime, watch });
}

export async function startPolicies(
  options: PolicyOptions,
  deps: LivePolicyDeps,
  teardown: Teardown,
): Promise<LivePolicies> {
  const { config } = options;
  const { clock, facts, log, resolver } = deps;
  const adminOf = adminPolicies({ resolver, clock, facts, handlerMs: config.policyTimeout });
  const loading = loadOptionsOf(config, options.own);
  const started = clock.elapsed();
  const loaded = await loadPolicies(loading);
  const begunWith = deps.admin.current();
  const withAdmin = (set: PolicySet, settings: AdminSettings): PolicySet =>
    set.withInternal(internalPolicies(config, adminOf(settings)));
  const first = withAdmin(loaded, begunWith);
  facts.publish('policies.loaded', { count: first.policies.length, ms: clock.elapsed() - started });

  const dog = startDog(options, deps, (policy, reason) => {
    runtime.disable(policy, reason);
  });
  teardown.add('watchdog', () => dog.stop());
  const runtime = runtimeOf(first, config, deps, dog);
  dog.know(first);
  for (const { policy, reason } of options.disabled) runtime.disable(policy, reason);

  deps.admin.onChange((settings) => {
    const set = withAdmin(runtime.set, settings);
    dog.know(set);
    runtime.adopt(set);
  });
  const use = (files: PolicySet): PolicySet => {
    const set = withAdmin(files, deps.admin.current());
    dog.know(set);
    runtime.replace(set);
    return set;
  };
  const reloader = createPolicyReloader(loading, { clock, facts, log, use });
  teardown.add('policy files', () => reloader.close());
  if (config.watchPolicies && config.policies.length > 0) await reloader.watch();
  return { runtime, reload: () => reloader.reload() };
}

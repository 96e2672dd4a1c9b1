/**
 * Puts the policy side together: resolver, checks, methods, the loaded set, watchdog, reload.
 *
 * Callers: app/postern. Rejects with PolicyLoadError when the first set does not load.
 */
import { openGeoReader, type ReloadableGeoReader } from '../checks/geo-ip-reader.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { geoIpBan } from '../hooks/internal/geo-ip-ban.js';
import { spfFail } from '../hooks/internal/spf-fail.js';
import { type LoadOptions, loadPolicies } from '../hooks/load.js';
import { createMethods } from '../hooks/methods/index.js';
import type { PolicySet } from '../hooks/policy-set.js';
import { createRuntime, type Runtime } from '../hooks/runtime.js';
import type { TraceSink } from '../hooks/trace.js';
import type { PolicyList } from '../hooks/types.js';
import { startWatchdog, type Watchdog } from '../hooks/watchdog/watchdog.js';
import { createMimeParser } from '../message/mime/parser.js';
import type { Config } from './config-types.js';
import { openResolver } from './open-resolver.js';
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

export interface PolicyDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly traces: TraceSink;
}

export interface Policies {
  readonly runtime: Runtime;
  reload(): Promise<'loaded' | 'kept'>;
}

/** What `postern check` and a start load. */
export function loadOptionsOf(config: Config, own?: PolicyList): LoadOptions {
  return {
    paths: config.policies,
    own: own === undefined ? [] : [{ file: '(host program)', exported: own }],
    internal: [{ file: '(built in)', exported: [spfFail, config.geoip.country !== '' && geoIpBan] }],
  };
}

/** Opens the GeoIP database, if one is configured; without it the checks say so themselves. */
async function openGeo(path: string, { log, facts }: PolicyDeps): Promise<ReloadableGeoReader | undefined> {
  if (path === '') return undefined;
  const opening = await openGeoReader(path);
  if (opening.status === 'opened') return opening.reader;
  facts.publish('setting.ignored', { setting: 'geoip.country', reason: opening.reason });
  log.error('the GeoIP database cannot be used; GeoIPResult stays empty', { path, reason: opening.reason });
  return undefined;
}

/** How often the GeoIP file is looked at. */
const GEO_LOOK_MS = 60_000;

function watchGeo(reader: ReloadableGeoReader, { clock, log }: PolicyDeps, teardown: Teardown): void {
  let stopped = false;
  const look = async (): Promise<void> => {
    const result = await reader.reload();
    if (stopped) return;
    if (result.status === 'kept') {
      log.error('the new GeoIP database is broken; the old one stays', { reason: result.reason });
    }
    if (result.status === 'reloaded') log.info('GeoIP database reloaded');
    later();
  };
  const later = (): void => {
    clock.after(GEO_LOOK_MS, () => {
      look().catch((error: unknown) => {
        log.error('the GeoIP database could not be looked at', { error: messageOf(error) });
        later();
      });
    });
  };
  later();
  teardown.add('GeoIP', () => {
    stopped = true;
  });
}

function startDog(
  options: PolicyOptions,
  deps: PolicyDeps,
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

export async function composePolicies(
  options: PolicyOptions,
  deps: PolicyDeps,
  teardown: Teardown,
): Promise<Policies> {
  const { config } = options;
  const { clock, facts, log, traces } = deps;
  const resolver = openResolver(config, clock);
  teardown.add('resolver', () => {
    resolver.close();
  });
  const geo = await openGeo(config.geoip.country, deps);
  if (geo) watchGeo(geo, deps, teardown);
  const methods = createMethods({ resolver, clock, hostname: config.hostname, geo: () => geo });

  const mime = createMimeParser({ clock });
  teardown.add('MIME parser', () => mime.close());

  const loading = loadOptionsOf(config, options.own);
  const started = clock.elapsed();
  const first = await loadPolicies(loading);
  facts.publish('policies.loaded', { count: first.policies.length, ms: clock.elapsed() - started });

  const dog = startDog(options, deps, (policy, reason) => {
    runtime.disable(policy, reason);
  });
  teardown.add('watchdog', () => dog.stop());
  const settings = {
    policyTimeoutMs: config.policyTimeout,
    onPolicyFailure: config.onPolicyFailure,
    onIgnoredWrite: config.onIgnoredWrite,
  };
  const runtime = createRuntime(first, settings, {
    clock,
    facts,
    log,
    traces,
    methods,
    mime,
    watch: dog.watch,
  });
  dog.know(first);
  for (const { policy, reason } of options.disabled) runtime.disable(policy, reason);

  const use = (set: PolicySet): void => {
    runtime.replace(set);
    dog.know(set);
  };
  const reloader = createPolicyReloader(loading, { clock, facts, log, use });
  teardown.add('policy files', () => reloader.close());
  if (config.watchPolicies && config.policies.length > 0) await reloader.watch();
  return { runtime, reload: () => reloader.reload() };
}

/**
 * The policy runtime: the set in force, and a PolicySession per connection.
 *
 * A connection keeps the set with which it began, so that one dialogue never sees two versions of
 * a policy; the next connection gets the newest. Policies that the watchdog disabled stay so until
 * a new set replaces them, internal ones until others take their place.
 *
 * Callers: app composes it; engine and delivery open sessions through the PolicyRuntime port.
 */
import type { Clock } from '../core/clock.js';
import type { PolicyVariableError } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { MimeParser } from '../message/mime/parser.js';
import type { RunServices } from './handler-run.js';
import type { MethodMap } from './methods/method.js';
import type { PolicyRuntime, PolicySession, SessionInfo } from './ports.js';
import type { PolicySet } from './policy-set.js';
import { type SessionDeps, SessionRun } from './session-run.js';
import type { EventName } from './table/index.js';
import type { TraceSink } from './trace.js';
import { createTraceWriter } from './trace-writer.js';
import type { FailureMode } from './types.js';
import type { Watch } from './watchdog/watch.js';

export interface RuntimeDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
  readonly traces: TraceSink;
  readonly methods: MethodMap;
  /** Parses a message for ctx.message.parsed(). */
  readonly mime: Pick<MimeParser, 'parse'>;
  readonly watch: Watch;
}

export interface RuntimeSettings {
  /** Deadline of a handler that declares none, milliseconds. */
  readonly policyTimeoutMs: number;
  readonly onPolicyFailure: FailureMode;
  readonly onIgnoredWrite: 'error' | 'ignore';
}

export interface Runtime extends PolicyRuntime {
  /** The set that new connections get. */
  readonly set: PolicySet;
  /** Puts another set in force for new connections; disabled policies get a new chance. */
  replace(set: PolicySet): void;
  /**
   * Puts the same policies with other internal ones in force. Disabled policies stay disabled; internal
   * ones get a new chance, because what they were made from may have been mended.
   */
  adopt(set: PolicySet): void;
  /** From now on the policy's handlers come to its failure mode, in running sessions too. */
  disable(policy: string, reason: string): void;
}

/** Different ignored writes that are remembered, so that each is reported once. */
const MOST_REPORTS = 1000;

export function createRuntime(first: PolicySet, settings: RuntimeSettings, deps: RuntimeDeps): Runtime {
  let set = first;
  const disabled = new Map<string, string>();
  const services = createServices(settings, deps);
  const shared: SessionDeps = {
    services,
    guards: { clock: deps.clock, watch: deps.watch },
    policyTimeoutMs: settings.policyTimeoutMs,
    onPolicyFailure: settings.onPolicyFailure,
    disabled: (policy) => disabled.get(policy),
    facts: deps.facts,
    log: deps.log,
  };
  return {
    get set() {
      return set;
    },
    openSession(info: SessionInfo): PolicySession {
      return new SessionRun(info, set, createTraceWriter(info, deps.clock, deps.traces), shared);
    },
    replace(next) {
      set = next;
      disabled.clear();
    },
    adopt(next) {
      set = next;
      for (const { policy, isInternal } of next.marks) if (isInternal) disabled.delete(policy.name);
    },
    disable(policy, reason) {
      disabled.set(policy, reason);
      deps.facts.publish('policy.disabled', { policy, reason });
    },
  };
}

function createServices(settings: RuntimeSettings, deps: RuntimeDeps): RunServices {
  const reported = new Set<string>();
  const isFirst = (...what: readonly string[]): boolean => {
    const key = what.join(' ');
    if (reported.has(key) || reported.size >= MOST_REPORTS) return false;
    reported.add(key);
    return true;
  };
  return {
    elapsed: () => deps.clock.elapsed(),
    method: (name) => deps.methods[name],
    parse: async (message, signal) => await deps.mime.parse(message.header(), await message.body(), signal),
    watch: deps.watch,
    refusedWrite(error: PolicyVariableError, policy: string, event: EventName) {
      if (settings.onIgnoredWrite === 'error') throw error;
      const variable = String(error.detail.variable ?? error.detail.name ?? '');
      if (!isFirst('write', policy, event, variable)) return;
      deps.facts.publish('policy.ignoredWrite', { policy, event, variable });
      deps.log.warn(`ignored: ${error.message}`, { policy, event, code: error.code });
    },
    strangeRead(error: PolicyVariableError, policy: string, event: EventName) {
      const variable = String(error.detail.name ?? '');
      if (!isFirst('read', policy, event, variable)) return;
      deps.log.warn(`reads as undefined: ${error.message}`, { policy, event, code: error.code });
    },
  };
}

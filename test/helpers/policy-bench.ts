/**
 * The real policy runtime on a virtual clock, with one open session and open ears.
 *
 *     const bench = openBench(definePolicy({ ... }));
 *     const outcome = await bench.run('onMailFrom', { mailFrom: 'a@example.org' });
 *
 * Everything the runtime tells the rest of the program is kept: facts, log records, trace records.
 */
import { createFactBus, type Fact, type FactBus, type FactName } from '../../src/core/facts.js';
import type { LogFields, Logger } from '../../src/core/log.js';
import { definePolicy } from '../../src/hooks/define-policy.js';
import { createMethods } from '../../src/hooks/methods/index.js';
import type { MethodMap } from '../../src/hooks/methods/method.js';
import type { Outcome, PolicySession, RunInput, VariableValues } from '../../src/hooks/ports.js';
import { buildPolicySet, type PolicySet, type PolicySource } from '../../src/hooks/policy-set.js';
import { createRuntime, type Runtime, type RuntimeSettings } from '../../src/hooks/runtime.js';
import type { EventName } from '../../src/hooks/table/index.js';
import type { TraceHandler, TraceRecord, TraceSink, TraceStep } from '../../src/hooks/trace.js';
import type { Policy } from '../../src/hooks/types.js';
import type { MimeParser } from '../../src/message/mime/parser.js';
import { noWatch, type Watch } from '../../src/hooks/watchdog/watch.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';
import { createMemoryChecks, type MemoryChecks } from './memory-checks.js';
import { createFakeResolver, type FakeResolver } from './fake-resolver.js';

export interface Logged {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface BenchOptions extends Partial<RuntimeSettings> {
  readonly last?: readonly PolicySource[];
  readonly resolver?: FakeResolver;
  readonly store?: MemoryChecks;
  readonly methods?: MethodMap;
  readonly traces?: TraceSink;
  readonly watch?: Watch;
  readonly mime?: Pick<MimeParser, 'parse'>;
  readonly initial?: VariableValues;
}

export interface Bench {
  readonly runtime: Runtime;
  readonly session: PolicySession;
  readonly clock: FakeClock;
  readonly facts: readonly Fact[];
  readonly logged: readonly Logged[];
  readonly traces: readonly TraceRecord[];
  run(event: EventName, values?: VariableValues, more?: Omit<RunInput, 'values'>): Promise<Outcome>;
  /** Steps of all records so far, in order. */
  steps(): readonly TraceStep[];
  /** The latest handler of the latest step that has handlers. */
  handler(): TraceHandler;
}

/** The context as plain JavaScript sees it. */
export type Loose = Record<string, unknown> & {
  readonly signal: AbortSignal;
  readonly session: Record<string, unknown>;
  readonly message: Record<string, unknown>;
};

/** A policy as plain JavaScript writes it: nothing of it is checked by the compiler. */
export function loosePolicy(spec: Readonly<Record<string, unknown>>): Policy {
  return definePolicy(spec as never);
}

/** A handler whose context is not typed. */
export function loosely(handler: (ctx: Loose) => unknown): (ctx: unknown) => unknown {
  return handler as (ctx: unknown) => unknown;
}

/** A method of the context, called as plain JavaScript would. */
export function call(ctx: Loose, name: string, ...args: readonly unknown[]): unknown {
  return (ctx[name] as (...given: readonly unknown[]) => unknown)(...args);
}

export function setOf(exported: unknown, last: readonly PolicySource[] = []): PolicySet {
  return buildPolicySet([{ file: '/p/test.ts', exported }], last);
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

function createKeepingLogger(records: Logged[], bound: LogFields = {}): Logger {
  const write =
    (level: Logged['level']) =>
    (message: string, fields: LogFields = {}): void => {
      records.push({ level, message, fields: { ...bound, ...fields } });
    };
  const [debug, info, warn, error] = LEVELS.map(write) as [
    Logger['debug'],
    Logger['info'],
    Logger['warn'],
    Logger['error'],
  ];
  return {
    debug,
    info,
    warn,
    error,
    child: (fields) => createKeepingLogger(records, { ...bound, ...fields }),
  };
}

const FACTS: readonly FactName[] = [
  'policy.ran',
  'policy.failed',
  'policy.disabled',
  'policy.ignoredWrite',
  'check.ran',
  'check.trouble',
];

/** The real methods, with doubles behind them. */
function methodsOf(
  { resolver = createFakeResolver(), store = createMemoryChecks() }: BenchOptions,
  clock: FakeClock,
  facts: FactBus,
): MethodMap {
  return createMethods({ resolver, clock, facts, store, hostname: 'mx.test', geo: () => undefined });
}

export function openBench(exported: unknown, options: BenchOptions = {}): Bench {
  const clock = createFakeClock();
  const told: Fact[] = [];
  const logged: Logged[] = [];
  const traces: TraceRecord[] = [];
  const facts = createFactBus((error) => {
    throw error;
  });
  for (const name of FACTS) facts.subscribe(name, (body) => told.push({ name, body } as Fact));
  const runtime = createRuntime(
    setOf(exported, options.last),
    {
      policyTimeoutMs: options.policyTimeoutMs ?? 1000,
      onPolicyFailure: options.onPolicyFailure ?? 'tmpreject',
      onIgnoredWrite: options.onIgnoredWrite ?? 'error',
    },
    {
      clock,
      facts,
      log: createKeepingLogger(logged),
      traces: options.traces ?? { write: (record) => traces.push(record) },
      methods: options.methods ?? methodsOf(options, clock, facts),
      mime: options.mime ?? {
        parse: () => Promise.resolve({ status: 'unparsable', reason: 'no parser here' }),
      },
      watch: options.watch ?? noWatch,
    },
  );
  const session = runtime.openSession({
    id: '0m7c3k9qab1x',
    listener: 'test',
    remoteIp: '192.0.2.1',
    isVouchedFor: false,
    ...(options.initial ? { initial: options.initial } : {}),
  });
  const steps = (): readonly TraceStep[] => traces.flatMap((record) => record.steps);
  return {
    runtime,
    session,
    clock,
    facts: told,
    logged,
    traces,
    steps,
    run: async (event, values = {}, more = {}) => await session.run(event, { values, ...more }),
    handler() {
      const last = steps()
        .findLast((step) => step.handlers !== undefined)
        ?.handlers?.at(-1);
      if (last === undefined) throw new Error('no handler has left a trace yet');
      return last;
    },
  };
}

/**
 * Every variable in every event at run time: what the context lets a handler read and write is
 * what the table says, and nothing else. The same for the methods.
 */
import { describe, expect, it } from 'vitest';
import { isEngineError } from '../../../src/core/errors.js';
import { definePolicy } from '../../../src/hooks/define-policy.js';
import type { VariableValue, VariableValues } from '../../../src/hooks/ports.js';
import { buildPolicySet } from '../../../src/hooks/policy-set.js';
import { createRuntime } from '../../../src/hooks/runtime.js';
import {
  accessOf,
  defaultOf,
  EVENT_NAMES,
  EVENTS,
  type EventName,
  METHOD_ALIASES,
  METHOD_NAMES,
  VARIABLE_ALIASES,
  VARIABLE_NAMES,
  type VariableName,
  variableOf,
} from '../../../src/hooks/table/index.js';
import type { VariableSpec } from '../../../src/hooks/table/spec.js';
import { noTraces } from '../../../src/hooks/trace.js';
import { noWatch } from '../../../src/hooks/watchdog/watch.js';
import { createFactBus } from '../../../src/core/facts.js';
import { silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

type Loose = Record<string, unknown>;

interface Ran {
  /** What the session holds for the variable after the handler, default included. */
  readonly value: (name: VariableName) => VariableValue | undefined;
  /** Methods that were called, in order. */
  readonly called: readonly string[];
  /** Variables whose write was ignored and reported. */
  readonly ignored: readonly string[];
}

/** Runs one handler of the event on a new connection, as the engine would. */
async function run(
  event: EventName,
  handler: (ctx: Loose) => void,
  {
    values = {},
    onIgnoredWrite = 'error',
  }: { values?: VariableValues; onIgnoredWrite?: 'error' | 'ignore' } = {},
): Promise<Ran> {
  const called: string[] = [];
  const ignored: string[] = [];
  const facts = createFactBus((error) => {
    throw error;
  });
  facts.subscribe('policy.ignoredWrite', ({ variable }) => {
    ignored.push(variable);
  });
  const policy = definePolicy({ name: 'cells', [event]: handler });
  const runtime = createRuntime(
    buildPolicySet([{ file: 'cells.ts', exported: policy }]),
    { policyTimeoutMs: 1000, onPolicyFailure: 'tmpreject', onIgnoredWrite },
    {
      clock: createFakeClock(),
      facts,
      log: silentLogger,
      traces: noTraces,
      methods: Object.fromEntries(METHOD_NAMES.map((name) => [name, () => called.push(name)])),
      mime: { parse: () => Promise.resolve({ status: 'unparsable', reason: 'no parser here' }) },
      watch: noWatch,
    },
  );
  const session = runtime.openSession({
    id: 's1',
    listener: 'test',
    remoteIp: '192.0.2.1',
    isVouchedFor: false,
  });
  const { failure } = await session.run(event, { values });
  if (failure !== undefined) throw new Error(failure.message);
  return { value: (name) => session.value(name), called, ignored };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return isEngineError(error) ? error.code : String(error);
  }
  return 'nothing thrown';
}

function specOf(name: VariableName): VariableSpec {
  const spec = variableOf(name);
  if (spec === undefined) throw new Error(`${name} is not in the table`);
  return spec;
}

/** Values the variable takes, each with the form in which it is stored. */
function rightValues(
  name: VariableName,
): readonly (readonly [written: string | number, stored: string | number])[] {
  const spec = specOf(name);
  if (spec.type === 'numeric') {
    const bounds = [spec.min ?? 0, spec.max ?? 123_456];
    return bounds.map((bound) => [bound, bound] as const);
  }
  if (spec.type === 'ip') return ['192.0.2.1', '2001:db8::1'].map((address) => [address, address] as const);
  if (spec.type === 'multival')
    return [[(spec.values ?? []).join(' ').toUpperCase(), (spec.values ?? []).join(' ')]];
  // The one text whose parts are variables too.
  if (name === 'mailFrom') return ['a@b.test', ''].map((address) => [address, address] as const);
  if (spec.type !== 'choice') return [['any text', 'any text']];
  return (spec.values ?? []).flatMap((value) => [
    [value, value] as const,
    [value.toUpperCase(), value] as const,
  ]);
}

function wrongValues(name: VariableName): readonly unknown[] {
  const spec = specOf(name);
  const never = [undefined, null, true, {}];
  if (spec.type === 'numeric') {
    const below = (spec.min ?? 0) - 1;
    const above = spec.max === undefined ? [] : [spec.max + 1];
    return [...never, '1', 1.5, Number.NaN, Number.POSITIVE_INFINITY, below, ...above];
  }
  if (spec.type === 'ip') return [...never, 1, 'not-an-address', '192.0.2.1\r\n'];
  if (spec.type === 'choice' || spec.type === 'multival') return [...never, 1, 'no-such-value'];
  const noAddress = name === 'mailFrom' ? ['any text', '@h:a@b.test'] : [];
  return [...never, 1, 'a\0b', 'a\rb', ...noAddress];
}

function emptyValue(event: EventName, name: VariableName): string | number | undefined {
  const initial = defaultOf(event, name);
  if (initial !== undefined || accessOf(event, name) === 'out') return initial;
  return specOf(name).type === 'numeric' ? 0 : '';
}

describe.each(EVENT_NAMES)('variables in %s', (event) => {
  const having = (...wanted: readonly (string | undefined)[]) =>
    VARIABLE_NAMES.filter((name) => wanted.includes(accessOf(event, name)));

  it.each(having('in', 'out', 'inout'))('%s reads as its default, then as what was set', async (name) => {
    const told = specOf(name).type === 'numeric' ? 7 : 'told by the engine';
    await run(event, (ctx) => expect(ctx[name]).toBe(emptyValue(event, name)));
    await run(event, (ctx) => expect(ctx[name]).toBe(told), { values: { [name]: told } });
  });

  it.each(having('out', 'inout'))('%s takes every value of its type', async (name) => {
    for (const [written, stored] of rightValues(name)) {
      const { value } = await run(event, (ctx) => {
        ctx[name] = written;
        expect(ctx[name]).toBe(stored);
      });
      expect(value(name)).toBe(stored);
    }
  });

  it.each(having('out', 'inout'))('%s refuses every other value and keeps what it had', async (name) => {
    const before = rightValues(name)[0]?.[1] ?? '';
    const { value } = await run(
      event,
      (ctx) => {
        for (const wrong of wrongValues(name)) {
          expect([wrong, codeOf(() => (ctx[name] = wrong))]).toEqual([wrong, 'ERR_POLICY_VALUE']);
        }
      },
      { values: { [name]: before } },
    );
    expect(value(name)).toBe(before);
  });

  it.each(having('in'))('%s is read-only', async (name) => {
    const before = rightValues(name)[1]?.[1] ?? '';
    const { value } = await run(
      event,
      (ctx) => expect(codeOf(() => (ctx[name] = rightValues(name)[0]?.[0]))).toBe('ERR_POLICY_READ_ONLY'),
      { values: { [name]: before } },
    );
    expect(value(name)).toBe(before);
  });

  it.each(having(undefined))('%s does not exist', async (name) => {
    const before = rightValues(name)[1]?.[1] ?? '';
    const { value } = await run(
      event,
      (ctx) => {
        expect(ctx[name]).toBeUndefined();
        expect(codeOf(() => (ctx[name] = rightValues(name)[0]?.[0]))).toBe('ERR_POLICY_UNKNOWN_NAME');
      },
      { values: { [name]: before } },
    );
    expect(value(name)).toBe(before);
  });

  it('ignores refused writes where the operator says so, and reports each once', async () => {
    const names = having('in', undefined);
    const write = (ctx: Loose): void => {
      for (const name of [...names, ...names]) ctx[name] = rightValues(name)[0]?.[0];
    };
    const { ignored, value } = await run(event, write, { onIgnoredWrite: 'ignore' });
    expect(ignored).toEqual(names);
    expect(names.filter((name) => value(name) !== specOf(name).default)).toEqual([]);
  });

  it('has the accepted other spellings', async () => {
    await run(event, (ctx) => {
      for (const [alias, name] of VARIABLE_ALIASES) {
        if (accessOf(event, name) === undefined) {
          expect(ctx[alias]).toBeUndefined();
        } else {
          const [written, stored] = rightValues(name)[0] ?? [];
          ctx[alias] = written;
          expect([ctx[alias], ctx[name]]).toEqual([stored, stored]);
        }
      }
    });
  });

  it('refuses a misspelt name, read or written', async () => {
    await run(event, (ctx) => {
      expect(codeOf(() => ctx['smtpActoin'])).toBe('ERR_POLICY_UNKNOWN_NAME');
      expect(codeOf(() => (ctx['smtpActoin'] = 'reject'))).toBe('ERR_POLICY_UNKNOWN_NAME');
    });
  });
});

describe.each(EVENT_NAMES)('methods in %s', (event) => {
  const spellings = [...METHOD_NAMES, ...METHOD_ALIASES.keys()];
  const isOwn = (name: string): boolean =>
    (EVENTS[event].methods as readonly string[]).includes(METHOD_ALIASES.get(name) ?? name);

  it('call what is documented there, under every spelling', async () => {
    const own = spellings.filter(isOwn);
    const { called } = await run(event, (ctx) => {
      for (const name of own) (ctx[name] as () => unknown)();
    });
    expect(called).toEqual(own.map((name) => METHOD_ALIASES.get(name) ?? name));
  });

  it('fail elsewhere and do nothing', async () => {
    const { called } = await run(event, (ctx) => {
      for (const name of spellings.filter((spelling) => !isOwn(spelling))) {
        expect([name, codeOf(() => (ctx[name] as () => unknown)())]).toEqual([name, 'ERR_POLICY_METHOD']);
      }
    });
    expect(called).toEqual([]);
  });
});

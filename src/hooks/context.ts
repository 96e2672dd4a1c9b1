/**
 * The object a handler gets as `ctx`: one prototype per event, built once from the table.
 *
 * Known names are plain accessors over the run, so stack traces, debuggers and inline caches stay
 * ordinary. Names that the event does not have end in one guard at the far end of the prototype
 * chain: writing one is an error with a suggestion even from sloppy JavaScript, a method of
 * another event fails with a text that says where it exists, and a variable of another event
 * reads as undefined.
 *
 * Callers: hooks/session-run creates one per handler and event. See docs/decisions for the guard.
 */
import { inspect } from 'node:util';
import { PolicyMethodError, PolicyVariableError } from '../core/errors.js';
import type { HandlerRun } from './handler-run.js';
import type { VariableValue } from './ports.js';
import { slotOf } from './slots.js';
import {
  accessOf,
  defaultOf,
  EVENT_NAMES,
  EVENTS,
  type EventName,
  METHOD_ALIASES,
  METHOD_NAMES,
  type MethodName,
  suggest,
  VARIABLE_ALIASES,
  type VariableName,
  variableOf,
} from './table/index.js';

/** Names that language and tools look up on any object; they are not asked of the policy surface. */
const FOREIGN: ReadonlySet<string> = new Set([
  'then',
  'toJSON',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  '$$typeof',
]);

class ContextBase {
  readonly #run: HandlerRun;

  constructor(run: HandlerRun) {
    this.#run = run;
    // Nothing but the accessors: a property defined over one would be a write that nobody checks.
    Object.preventExtensions(this);
  }

  static runOf(ctx: ContextBase): HandlerRun {
    return ctx.#run;
  }

  /** What console.log shows: the values as they are now, without secrets and without the guard. */
  [inspect.custom](): object {
    const { event, layer } = this.#run.scope;
    const names = Object.keys(EVENTS[event].vars).filter((name) => variableOf(name)?.secret !== true);
    const values = names.map((name) => [name, layer[slotOf(name as VariableName)]] as const);
    return { event, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
  }
}

/** The run behind a context; for the internal policies, which leave evidence that no method leaves. */
export function runOf(ctx: object): HandlerRun {
  return ContextBase.runOf(ctx as ContextBase);
}

type OwnMethod = (ctx: object, ...args: unknown[]) => unknown;

function whereMethodExists(name: MethodName): string {
  const events = EVENT_NAMES.filter((event) => (EVENTS[event].methods as readonly string[]).includes(name));
  return events.join(', ');
}

/** Where a variable that this event does not have would be at home; empty for a name nobody has. */
function elsewhere(name: string, mayWrite: boolean): string {
  const documented = VARIABLE_ALIASES.get(name) ?? name;
  const events = EVENT_NAMES.filter((event) => {
    const access = accessOf(event, documented);
    return access !== undefined && (!mayWrite || access !== 'in');
  });
  return events.length === 0 ? '' : `; it ${mayWrite ? 'can be set' : 'is known'} in ${events.join(', ')}`;
}

function unknownName(ctx: ContextBase, name: string, mayWrite: boolean): PolicyVariableError {
  const { event } = ContextBase.runOf(ctx).scope;
  const known = [...Object.keys(EVENTS[event].vars), ...EVENTS[event].methods];
  return new PolicyVariableError('ERR_POLICY_UNKNOWN_NAME', {
    detail: { name, event, suggestion: elsewhere(name, mayWrite) || suggest(name, known) },
  });
}

/** What writing a name that is there to be read or called comes to. */
function refuseWrite(ctx: ContextBase, name: string): void {
  const { services, handler, scope } = ContextBase.runOf(ctx);
  const error = new PolicyVariableError('ERR_POLICY_READ_ONLY', {
    detail: { variable: name, event: scope.event },
  });
  services.refusedWrite(error, handler.policy.name, scope.event);
}

/** A method; an accessor, because sloppy code that writes a plain read-only property hears nothing. */
function asMethod(
  name: string,
  method: (this: ContextBase, ...args: unknown[]) => unknown,
): PropertyDescriptor {
  const descriptor: PropertyDescriptor & ThisType<ContextBase> = {
    get: () => method,
    set() {
      refuseWrite(this, name);
    },
  };
  return descriptor;
}

/** What reading a name that the event does not have comes to. */
function readUnknown(ctx: ContextBase, name: string): unknown {
  const method = METHOD_ALIASES.get(name) ?? METHOD_NAMES.find((candidate) => candidate === name);
  if (method) {
    return () => {
      const { event } = ContextBase.runOf(ctx).scope;
      throw new PolicyMethodError('ERR_POLICY_METHOD', {
        detail: { method: name, event, reason: `it exists in ${whereMethodExists(method)} only` },
      });
    };
  }
  if (FOREIGN.has(name)) return undefined;
  const error = unknownName(ctx, name, false);
  if (!variableOf(VARIABLE_ALIASES.get(name) ?? name)) throw error;
  // Documented: what is not known yet reads as nothing. Said once, because it is rarely meant.
  const { services, handler, scope } = ContextBase.runOf(ctx);
  services.strangeRead(error, handler.policy.name, scope.event);
  return undefined;
}

const GUARD: object = new Proxy(Object.prototype, {
  get(target, name, receiver) {
    if (typeof name === 'symbol' || name in target) return Reflect.get(target, name, receiver) as unknown;
    return readUnknown(receiver as ContextBase, name);
  },
  set(_target, name, _value, receiver) {
    const run = ContextBase.runOf(receiver as ContextBase);
    const written = String(name);
    const error = unknownName(receiver as ContextBase, written, true);
    run.services.refusedWrite(error, run.handler.policy.name, run.scope.event);
    return true;
  },
});
Object.setPrototypeOf(ContextBase.prototype, GUARD);

/** What a name reads as while nobody has set it: its default; for what the policy only reads, its empty value. */
function unsetValue(event: EventName, name: VariableName): VariableValue | undefined {
  const byTable = defaultOf(event, name);
  if (byTable !== undefined || accessOf(event, name) === 'out') return byTable;
  return variableOf(name)?.type === 'numeric' ? 0 : '';
}

function defineVariable(prototype: object, event: EventName, name: VariableName): void {
  const slot = slotOf(name);
  const unset = unsetValue(event, name);
  const descriptor: PropertyDescriptor & ThisType<ContextBase> = {
    get() {
      return ContextBase.runOf(this).read(slot) ?? unset;
    },
    set(value: unknown) {
      ContextBase.runOf(this).write(name, value);
    },
    enumerable: true,
  };
  for (const spelling of [name, ...(variableOf(name)?.aliases ?? [])]) {
    Object.defineProperty(prototype, spelling, descriptor);
  }
}

function defineMethod(prototype: object, name: MethodName): void {
  const spellings = [
    name,
    ...[...METHOD_ALIASES].flatMap(([alias, target]) => (target === name ? [alias] : [])),
  ];
  for (const spelling of spellings) {
    const descriptor = asMethod(spelling, function invoke(...args) {
      return ContextBase.runOf(this).invoke(name, args);
    });
    Object.defineProperty(prototype, spelling, descriptor);
  }
}

/** Own properties of the runtime, beside the documented names. */
const AMBIENT: Readonly<Record<string, (run: HandlerRun) => unknown>> = {
  event: (run) => run.scope.event,
  signal: (run) => run.signal,
  session: (run) => run.sessionState(),
  message: (run) => run.messageState(),
  log: (run) => run.states.logFor(run.handler),
  filters: (run) => run.scope.filters,
  headers: (run) => run.scope.headers,
  recipients: (run) => run.scope.recipients ?? [],
  chunk: (run) => run.scope.chunk,
};

function defineAmbient(prototype: object): void {
  for (const [name, read] of Object.entries(AMBIENT)) {
    const descriptor: PropertyDescriptor & ThisType<ContextBase> = {
      get() {
        return read(ContextBase.runOf(this));
      },
      set() {
        refuseWrite(this, name);
      },
    };
    Object.defineProperty(prototype, name, descriptor);
  }
}

export type ContextClass = new (run: HandlerRun) => object;

function buildClass(event: EventName): ContextClass {
  const made = class extends ContextBase {};
  for (const name of Object.keys(EVENTS[event].vars))
    defineVariable(made.prototype, event, name as VariableName);
  for (const name of EVENTS[event].methods) defineMethod(made.prototype, name);
  defineAmbient(made.prototype);
  Object.defineProperty(made, 'name', { value: `${event}Context` });
  return made;
}

const CLASSES: ReadonlyMap<EventName, ContextClass> = new Map(
  EVENT_NAMES.map((event) => [event, buildClass(event)]),
);

/** The context class of an event, with a policy's own methods added. */
export function contextClass(event: EventName, own: Readonly<Record<string, OwnMethod>> = {}): ContextClass {
  const base = CLASSES.get(event) as ContextClass;
  if (Object.keys(own).length === 0) return base;
  const made = class extends base {};
  for (const [name, method] of Object.entries(own)) {
    const descriptor = asMethod(name, function own(...args) {
      return method(this, ...args);
    });
    Object.defineProperty(made.prototype, name, descriptor);
  }
  return made;
}

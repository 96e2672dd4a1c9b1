/**
 * A set of policies, checked and put in order: what one connection runs with from start to end.
 *
 * Names of events and properties are checked here, before anything runs; a wrong one refuses the
 * whole set, with a suggestion. Order inside an event: `pre`, normal, `post`, then the order of
 * the policy array; the internal policy comes last.
 *
 * Callers: hooks/load builds a set from files, app from embedders' objects. Throws PolicyLoadError.
 */
import { PolicyLoadError } from '../core/errors.js';
import { type ContextClass, contextClass } from './context.js';
import { isPolicy, placeIn } from './define-policy.js';
import { wakesOf } from './internal/when-written.js';
import {
  EVENT_NAMES,
  type EventName,
  METHOD_ALIASES,
  METHOD_NAMES,
  suggest,
  VARIABLE_ALIASES,
  VARIABLE_NAMES,
} from './table/index.js';
import type { LoadedPolicy, MarkedHandler } from './loaded-policy.js';
import type { FailureMode, Order } from './types.js';

export interface BoundHandler extends MarkedHandler {
  readonly order: Order;
  readonly timeoutMs: number | undefined;
  readonly call: (ctx: object) => unknown;
  readonly Context: ContextClass;
  /** Slots; the handler runs only where a handler before it wrote one of them. Else it always runs. */
  readonly wakes: readonly number[] | undefined;
}

/** An internal handler that judges what is set in an event, in one in which nobody set it. */
export function isAsleep(
  { wakes }: BoundHandler,
  done: readonly { wrote(slots: readonly number[]): boolean }[],
): boolean {
  return wakes !== undefined && !done.some((run) => run.wrote(wakes));
}

export interface PolicySet {
  readonly policies: readonly LoadedPolicy[];
  readonly handlers: Readonly<Record<EventName, readonly BoundHandler[]>>;
  /** All handlers by mark - 1. */
  readonly marks: readonly BoundHandler[];
  /** The same policies with other internal ones after them. Throws PolicyLoadError. */
  withInternal(last: readonly PolicySource[]): PolicySet;
}

/** What a file exported, and where it came from. */
export interface PolicySource {
  readonly file: string;
  readonly exported: unknown;
}

const HEAD_KEYS: readonly string[] = ['name', 'order', 'onFailure', 'session', 'message', 'use'];
const HOOK_KEYS: readonly string[] = ['order', 'timeoutMs', 'handler'];
const ORDERS: readonly string[] = ['pre', 'normal', 'post'];
const FAILURES: readonly string[] = ['tmpreject', 'accept', 'reject'];
const TAKEN: ReadonlySet<string> = new Set([
  ...VARIABLE_NAMES,
  ...METHOD_NAMES,
  ...VARIABLE_ALIASES.keys(),
  ...METHOD_ALIASES.keys(),
  ...['event', 'signal', 'session', 'message', 'log', 'filters', 'headers', 'recipients', 'chunk'],
]);
const NAME = /^[\w][\w.:/ -]{0,63}$/;

type Raw = Readonly<Record<string, unknown>>;

function wrongShape(file: string, reason: string): PolicyLoadError {
  return new PolicyLoadError('ERR_POLICY_SHAPE', { detail: { file, reason } });
}

/** Policies of a nested list, in order; falsy entries are skipped, anything else is refused. */
function flatten({ file, exported }: PolicySource, what = 'its default export'): Raw[] {
  if (exported === undefined) throw wrongShape(file, 'it has no default export');
  if (Array.isArray(exported)) {
    return exported.flatMap((entry: unknown, i) =>
      entry ? flatten({ file, exported: entry }, `element ${i + 1} of ${what}`) : [],
    );
  }
  if (exported === null || exported === false) return [];
  if (!isPolicy(exported)) throw wrongShape(file, `${what} is not a policy; wrap it in definePolicy({...})`);
  return [exported as unknown as Raw];
}

function checkChoice(file: string, what: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && words.includes(value))) return;
  throw wrongShape(file, `${what} takes one of ${words.join(', ')}, not ${JSON.stringify(value)}`);
}

function checkFunction(file: string, what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw wrongShape(file, `${what} must be a function`);
}

function checkUse(file: string, policy: string, use: unknown): Record<string, (ctx: object) => unknown> {
  if (use === undefined) return {};
  if (typeof use !== 'object' || use === null) throw wrongShape(file, `use of "${policy}" must be an object`);
  for (const [name, method] of Object.entries(use)) {
    checkFunction(file, `use.${name} of "${policy}"`, method);
    if (TAKEN.has(name))
      throw wrongShape(file, `use.${name} of "${policy}" would hide a name of the context`);
  }
  return use as Record<string, (ctx: object) => unknown>;
}

/** The message state has a method of ours in onDataReceived; a field of that name would hide it. */
function checkMessageState(file: string, policy: string, make: unknown): void {
  const state = make === undefined ? undefined : made(make as () => unknown);
  if (typeof state !== 'object' || state === null || !('parsed' in state)) return;
  throw wrongShape(file, `message of "${policy}" has a field "parsed", the name of ctx.message.parsed()`);
}

/** What a factory makes; one that throws is no fault of shape, it fails the handler that asks for the state. */
function made(make: () => unknown): unknown {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function checkHead(home: string, raw: Raw): LoadedPolicy {
  const { name } = raw;
  const file = placeIn(home, raw);
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw wrongShape(file, 'a policy needs a name of 1 to 64 letters, digits or . : / _ - and spaces');
  }
  for (const key of Object.keys(raw)) {
    if (HEAD_KEYS.includes(key) || (EVENT_NAMES as readonly string[]).includes(key)) continue;
    const suggestion = suggest(key, [...EVENT_NAMES, ...HEAD_KEYS]);
    throw new PolicyLoadError('ERR_POLICY_UNKNOWN_EVENT', {
      detail: { file, policy: name, name: key, suggestion },
    });
  }
  checkChoice(file, `order of "${name}"`, raw.order, ORDERS);
  checkChoice(file, `onFailure of "${name}"`, raw.onFailure, FAILURES);
  checkFunction(file, `session of "${name}"`, raw.session);
  checkFunction(file, `message of "${name}"`, raw.message);
  checkMessageState(file, name, raw.message);
  return {
    name,
    file: home,
    onFailure: raw.onFailure as FailureMode | undefined,
    session: raw.session as (() => object) | undefined,
    message: raw.message as (() => object) | undefined,
    events: EVENT_NAMES.filter((event) => raw[event] !== undefined),
  };
}

/** A hook in its long form. */
function readHook(file: string, what: string, hook: unknown): Raw {
  if (typeof hook === 'function') return { handler: hook };
  if (typeof hook !== 'object' || hook === null)
    throw wrongShape(file, `${what} must be a function or { handler }`);
  const raw = hook as Raw;
  for (const key of Object.keys(raw)) {
    if (!HOOK_KEYS.includes(key))
      throw wrongShape(file, `${what} has an unknown property "${key}"${suggest(key, HOOK_KEYS)}`);
  }
  if (typeof raw.handler !== 'function') throw wrongShape(file, `${what} has no handler function`);
  checkChoice(file, `order of ${what}`, raw.order, ORDERS);
  const { timeoutMs } = raw;
  if (timeoutMs !== undefined && (typeof timeoutMs !== 'number' || !(timeoutMs > 0))) {
    throw wrongShape(file, `timeoutMs of ${what} must be a number of milliseconds above 0`);
  }
  return raw;
}

type Unmarked = Omit<BoundHandler, 'mark' | 'isInternal'>;

function bind(policy: LoadedPolicy, raw: Raw): Unmarked[] {
  const place = placeIn(policy.file, raw);
  const use = checkUse(place, policy.name, raw.use);
  return policy.events.map((event) => {
    const hook = readHook(place, `${event} of "${policy.name}"`, raw[event]);
    return {
      policy,
      event,
      order: (hook.order ?? raw.order ?? 'normal') as Order,
      timeoutMs: hook.timeoutMs as number | undefined,
      call: hook.handler as (ctx: object) => unknown,
      Context: contextClass(event, use),
      wakes: wakesOf(hook.handler),
    };
  });
}

function inOrder(handlers: readonly BoundHandler[], event: EventName): readonly BoundHandler[] {
  const own = handlers.filter((handler) => handler.event === event);
  return ORDERS.flatMap((order) => own.filter((handler) => handler.order === order));
}

/** Builds a set; `last` is the internal policy, which runs after all others whatever their order. */
export function buildPolicySet(
  sources: readonly PolicySource[],
  last: readonly PolicySource[] = [],
): PolicySet {
  const files = new Map<string, string>();
  return assemble(build(sources, files), last, files);
}

interface Built {
  readonly policies: readonly LoadedPolicy[];
  readonly handlers: readonly Unmarked[];
}

/** Checks policies; `files` says where each name was used, and learns those of `list`. */
function build(list: readonly PolicySource[], files: Map<string, string>): Built {
  const built = list.flatMap((source) =>
    flatten(source).map((raw) => {
      const policy = checkHead(source.file, raw);
      const other = files.get(policy.name);
      if (other !== undefined) {
        throw new PolicyLoadError('ERR_POLICY_DUPLICATE', {
          detail: { file: placeIn(source.file, raw), policy: policy.name, other },
        });
      }
      files.set(policy.name, placeIn(source.file, raw));
      return { policy, handlers: bind(policy, raw) };
    }),
  );
  return { policies: built.map((b) => b.policy), handlers: built.flatMap((b) => b.handlers) };
}

function assemble(own: Built, last: readonly PolicySource[], files: ReadonlyMap<string, string>): PolicySet {
  const internal = build(last, new Map(files));
  const marks = [...own.handlers, ...internal.handlers].map((handler, i) => ({
    ...handler,
    mark: i + 1,
    isInternal: i >= own.handlers.length,
  }));
  const ownMarks = marks.slice(0, own.handlers.length);
  const lastMarks = marks.slice(own.handlers.length);
  const handlers = Object.fromEntries(
    EVENT_NAMES.map((event) => [event, [...inOrder(ownMarks, event), ...inOrder(lastMarks, event)]]),
  ) as unknown as Record<EventName, readonly BoundHandler[]>;
  return {
    policies: [...own.policies, ...internal.policies],
    handlers,
    marks,
    withInternal: (other) => assemble(own, other, files),
  };
}

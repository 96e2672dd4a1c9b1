/**
 * The types of the policy surface, derived from the event table.
 *
 * No variable, event or method is named twice: a row of the table becomes a property of the
 * context of its event, readable, writable or both as the cell says. What the compiler cannot
 * hold (a `readonly` lost by assignment, plain JavaScript) the accessors of `context.ts` hold at
 * run time.
 *
 * Callers: policy.ts (authors), define-policy, tests. Types only; nothing runs.
 */
import type { ParseOutcome } from '../message/mime/parsed-message.js';
import type { MethodSignatures } from './methods/signatures.js';
import type { HeaderAccess } from './ports.js';
import type { EVENTS } from './table/events.js';
import type { EventName, MethodName, VariableName } from './table/index.js';
import type { FILTER_SLOT, VARIABLES } from './table/variables.js';

type Variables = typeof VARIABLES;
type Events = typeof EVENTS;

/** What a variable holds: a number, one of its printed words, or text. */
export type ValueOf<K extends VariableName> = Variables[K] extends { readonly type: 'numeric' }
  ? number
  : Variables[K] extends { readonly type: 'choice'; readonly values: readonly (infer V extends string)[] }
    ? V
    : string;

/** A choice without default reads as the empty string until it is known. */
type ReadOf<K extends VariableName> = Variables[K] extends { readonly type: 'choice' }
  ? Variables[K] extends { readonly default: string }
    ? ValueOf<K>
    : ValueOf<K> | ''
  : ValueOf<K>;

type Cells<E extends EventName> = Events[E]['vars'];
type AccessOf<C> = C extends { readonly access: infer A } ? A : C;

type Named<E extends EventName, A> = {
  [K in keyof Cells<E>]: AccessOf<Cells<E>[K]> extends A ? K : never;
}[keyof Cells<E>] &
  VariableName;

/** Every accepted spelling of a variable or method: the documented one and its aliases. */
type SpellingsOf<Row, K extends string> = Row extends {
  readonly aliases: readonly (infer S extends string)[];
}
  ? K | S
  : K;

type InVars<E extends EventName> = {
  readonly [K in Named<E, 'in'> as SpellingsOf<Variables[K], K>]: ReadOf<K>;
};
type InOutVars<E extends EventName> = {
  [K in Named<E, 'inout'> as SpellingsOf<Variables[K], K>]: ReadOf<K>;
};
type OutVars<E extends EventName> = {
  [K in Named<E, 'out'> as SpellingsOf<Variables[K], K>]?: ValueOf<K>;
};

export type MethodNames<E extends EventName> = Events[E]['methods'][number] & MethodName;

type MethodAliases = { readonly checkGeoIP: 'checkGeoIp' };
type Methods<E extends EventName> = Pick<MethodSignatures, MethodNames<E>> & {
  readonly [A in keyof MethodAliases as MethodAliases[A] extends MethodNames<E>
    ? A
    : never]: MethodSignatures[MethodAliases[A]];
};

/** One registered filter's slot; only `action` may be changed by the policy. */
export interface FilterSlot {
  readonly result: (typeof FILTER_SLOT)['result']['values'][number];
  action: (typeof FILTER_SLOT)['action']['values'][number];
  readonly explanation: string;
}

/** A log line of a policy carries the policy's name, the event and the session id by itself. */
export interface PolicyLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Values that survive JSON: what the message state may hold, because it travels in the queue record. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** `M` itself when it survives JSON; otherwise an impossible type, so that a Date or a class does not compile. */
export type JsonSafe<M> = {
  [K in keyof M]: M[K] extends Json | undefined
    ? M[K]
    : M[K] extends (...args: never) => unknown
      ? never
      : M[K] extends object
        ? JsonSafe<M[K]>
        : never;
};

/** What a message state must not hold: in onDataReceived, `ctx.message` has a method of that name. */
export interface NothingReserved {
  readonly parsed?: never;
}

type MessageEvents = Exclude<EventName, 'onConnect' | 'onEhlo'>;
type HeaderEvents = 'onHeadersReceived' | 'onBodyChunk' | 'onDataReceived';

/** The header block as policies see it: documented methods change it, these properties read it. */
export type HeaderView = Pick<HeaderAccess, 'get' | 'getAll' | 'entries'>;

interface AmbientAlways<E extends EventName, S> {
  /** Name of the event that runs. */
  readonly event: E;
  /** While the handler runs: aborted when the client is gone, the deadline has passed, or Postern stops. */
  readonly signal: AbortSignal;
  /** This policy's own state of the connection; memory only. */
  readonly session: S;
  readonly log: PolicyLog;
  /** Slots that executeFilters filled, by filter name. */
  readonly filters: Readonly<Partial<Record<string, FilterSlot>>>;
}

type Ambient<E extends EventName, S, M> = AmbientAlways<E, S> &
  (E extends MessageEvents
    ? {
        /** This policy's own state of the message; kept with it in the queue, so JSON only. */
        readonly message: M;
        /** Envelope recipients accepted so far. */
        readonly recipients: readonly string[];
      }
    : unknown) &
  (E extends HeaderEvents
    ? {
        /** The header block, with the edits made so far. */
        readonly headers: HeaderView;
      }
    : unknown) &
  (E extends 'onBodyChunk'
    ? {
        /** The piece of body, all but the last of 16 KiB or more; valid until the handler has ended. */
        readonly chunk: Buffer;
      }
    : unknown) &
  (E extends 'onDataReceived'
    ? {
        readonly message: {
          /**
           * Parses the whole message, in a thread of its own: text, addresses, attachments. A
           * message that cannot be parsed in time is `unparsable`, which is a value and no error.
           */
          readonly parsed: () => Promise<ParseOutcome>;
        };
      }
    : unknown);

/** Everything a handler of event `E` may touch. */
export type Context<E extends EventName, S = unknown, M = unknown> = InVars<E> &
  InOutVars<E> &
  OutVars<E> &
  Methods<E> &
  Ambient<E, S, M>;

/** Methods of a policy's own: the context comes first, the caller's arguments follow. */
export type OwnMethods = Readonly<Record<string, (ctx: never, ...args: never[]) => unknown>>;
type BoundMethods<U> = {
  readonly [K in keyof U]: U[K] extends (ctx: never, ...args: infer A) => infer R ? (...args: A) => R : never;
};

export type Handler<E extends EventName, S = unknown, M = unknown, U = unknown> = (
  ctx: Context<E, S, M> & BoundMethods<U>,
) => void | Promise<void>;

export type Order = 'pre' | 'normal' | 'post';

export interface Hook<E extends EventName, S = unknown, M = unknown, U = unknown> {
  /** `pre` runs before the normal handlers of all policies, `post` after them. */
  readonly order?: Order;
  /** Deadline of this handler in milliseconds; default `policyTimeout` of the configuration. */
  readonly timeoutMs?: number;
  readonly handler: Handler<E, S, M, U>;
}

/** What a failed handler comes to: the operator's onPolicyFailure unless the policy declares its own. */
export type FailureMode = 'tmpreject' | 'accept' | 'reject';

export interface PolicyHead<S, M, U> {
  /** Shown in traces, logs and counters; unique among the loaded policies. */
  readonly name: string;
  /** Order of all handlers that declare none themselves. */
  readonly order?: Order;
  readonly onFailure?: FailureMode;
  /** Makes this policy's state of a new connection. */
  readonly session?: () => S;
  /** Makes this policy's state of a new message; JSON values only. Called once at load, to look for reserved names. */
  readonly message?: () => M;
  readonly use?: U;
}

export type PolicyHooks<S, M, U> = {
  readonly [E in EventName]?: Handler<E, S, M, U> | Hook<E, S, M, U>;
};

/** What `definePolicy` takes. */
export type PolicySpec<S = unknown, M = unknown, U = unknown> = PolicyHead<S, M, U> & PolicyHooks<S, M, U>;

declare const POLICY: unique symbol;

/** A policy made by `definePolicy`; opaque, so that only checked objects reach the loader. */
export interface Policy {
  readonly [POLICY]?: never;
  readonly name: string;
}

/** Policies compose: arrays nest, falsy entries are skipped. */
export type PolicyList = Policy | false | null | undefined | readonly PolicyList[];

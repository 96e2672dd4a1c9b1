/**
 * What the policies of one connection keep for themselves: a state per policy for the connection,
 * and one for the message, which travels with it in the queue.
 *
 * A state is made the first time that a handler asks for it.
 *
 * Callers: hooks/session-run has one; handler-run reaches it as PolicyStates and lends `parsed`.
 */
import { messageOf, PolicyVariableError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { ParseOutcome } from '../message/mime/parsed-message.js';
import type { LoadedPolicy, MarkedHandler } from './loaded-policy.js';
import type { SessionInfo } from './ports.js';
import type { PolicyLog } from './types.js';

export type StateKind = 'session' | 'message';

/** What the connection keeps for each of its policies. */
export interface PolicyStates {
  readonly session: SessionInfo;
  sessionState(policy: LoadedPolicy): object;
  messageState(policy: LoadedPolicy): object;
  /** Puts a state back as it was before a handler that failed. */
  restore(kind: StateKind, policy: LoadedPolicy, state: object): void;
  logFor(handler: MarkedHandler): PolicyLog;
}

type States = Map<LoadedPolicy, object>;

export class PolicyStateStore implements PolicyStates {
  // Made on demand: most sessions need neither, and an empty map takes its room.
  #session: States | undefined;
  #message: States | undefined;
  readonly session: SessionInfo;
  readonly #log: Logger;

  constructor(session: SessionInfo, log: Logger) {
    this.session = session;
    this.#log = log;
  }

  sessionState(policy: LoadedPolicy): object {
    return remembered(this.#of('session'), policy, policy.session);
  }

  messageState(policy: LoadedPolicy): object {
    return remembered(this.#of('message'), policy, policy.message);
  }

  restore(kind: StateKind, policy: LoadedPolicy, state: object): void {
    this.#of(kind).set(policy, state);
  }

  #of(kind: StateKind): States {
    return kind === 'session'
      ? (this.#session ??= new Map<LoadedPolicy, object>())
      : (this.#message ??= new Map<LoadedPolicy, object>());
  }

  logFor({ policy, event }: MarkedHandler): PolicyLog {
    return this.#log.child({ policy: policy.name, event, session: this.session.id });
  }

  endMessage(): void {
    this.#message = undefined;
  }

  /** The states of the message by policy; throws PolicyVariableError, naming the policy, for one that is no JSON. */
  storable(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      [...(this.#message ?? [])].map(([policy, state]) => [policy.name, storable(policy, state)]),
    );
  }
}

/** The state as the queue can keep it; one that is no JSON would fail there, where nobody knows whose it is. */
function storable({ name }: LoadedPolicy, state: object): unknown {
  try {
    return JSON.parse(JSON.stringify(state));
  } catch (error) {
    const reason = `takes what JSON can hold: ${messageOf(error)}`;
    const variable = `message state of policy "${name}"`;
    throw new PolicyVariableError('ERR_POLICY_VALUE', {
      cause: error,
      detail: { variable, value: typeof state, reason },
    });
  }
}

function remembered(states: States, policy: LoadedPolicy, make: (() => object) | undefined): object {
  let state = states.get(policy);
  if (state === undefined) {
    state = make?.() ?? {};
    states.set(policy, state);
  }
  return state;
}

/** A state as it is now. What cannot be copied deeply, such as functions, is shared with the copy. */
export function copyOf(state: object): object {
  try {
    return structuredClone(state);
  } catch (error) {
    if (error instanceof DOMException) return { ...state };
    throw error;
  }
}

/** Puts `parsed` on a state; a field of that name that a handler has written stays what it is. */
export function lendParsing(state: object, parsed: () => Promise<ParseOutcome>): void {
  const taken = Object.getOwnPropertyDescriptor(state, 'parsed')?.enumerable === true;
  if (taken || !Object.isExtensible(state)) return;
  Object.defineProperty(state, 'parsed', { value: parsed, configurable: true });
}

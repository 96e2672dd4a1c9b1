/**
 * A policy runtime of literal handlers, for tests of the engine.
 *
 * It keeps what handlers set for the session or the message as the real runtime does, counts the
 * steps, and records every event with its values.
 */
import type {
  EngineNote,
  HeaderAccess,
  HeaderEdit,
  Outcome,
  PolicyRuntime,
  PolicySession,
  RunInput,
  SmtpAction,
  VariableValue,
} from '../../src/hooks/ports.js';
import { splitCodes } from '../../src/smtp/own-codes.js';
import type { EventName, VariableName } from '../../src/hooks/table/index.js';

export interface FakeDecision {
  readonly action?: SmtpAction;
  readonly explanation?: string;
  readonly set?: Readonly<Partial<Record<VariableName, VariableValue>>>;
  readonly edits?: readonly HeaderEdit[];
  readonly addRcpt?: readonly string[];
  readonly discardRcpt?: readonly string[];
  readonly signWith?: Outcome['signWith'];
  /** The handler failed; `action` is what onPolicyFailure made of it. */
  readonly failed?: true;
}

export interface FakeEvent {
  readonly event: EventName;
  readonly values: Readonly<Partial<Record<VariableName, VariableValue | undefined>>>;
  readonly input: RunInput;
}

export type FakeHandler = (seen: FakeEvent) => FakeDecision | undefined | Promise<FakeDecision | undefined>;
export type FakeHandlers = Readonly<Partial<Record<EventName, FakeHandler | undefined>>>;

export interface FakePolicies extends PolicyRuntime {
  readonly events: FakeEvent[];
  readonly notes: EngineNote[];
  /** Reasons with which sessions were closed. */
  readonly closed: string[];
}

const DEFAULTS: Readonly<Partial<Record<VariableName, VariableValue>>> = {
  remoteDelivery: 'auth',
  localDelivery: 'all',
  maxRcptCount: 1000,
  maxDataSize: 10240,
  maxReceivedHeaders: 30,
};
const BEFORE_MESSAGE: ReadonlySet<EventName> = new Set<EventName>(['onConnect', 'onEhlo']);

type Values = Partial<Record<VariableName, VariableValue | undefined>>;

function edited(
  headers: HeaderAccess | undefined,
  edits: readonly HeaderEdit[] = [],
): HeaderAccess | undefined {
  return edits.reduce((block, edit) => block?.apply(edit), headers);
}

function recipientsAfter(input: RunInput, said: FakeDecision): readonly string[] | undefined {
  if (!said.addRcpt && !said.discardRcpt) return input.recipients;
  const kept = (input.recipients ?? []).filter((address) => !said.discardRcpt?.includes(address));
  return [...kept, ...(said.addRcpt ?? [])];
}

export function createFakePolicies(handlers: FakeHandlers = {}): FakePolicies {
  const events: FakeEvent[] = [];
  const notes: EngineNote[] = [];
  const closed: string[] = [];

  function openSession(id: string, initial: Values = {}): PolicySession {
    let session: Values = { ...initial };
    let connected: Values = session;
    let message: Values = {};
    let step = 0;
    return {
      id,
      // Told of every event, so that tests see them all; but for the one that is told so often, and
      // those whose handler is expressly undefined.
      hears: (event) => (event in handlers ? handlers[event] !== undefined : event !== 'onBodyChunk'),
      async run(event, input): Promise<Outcome> {
        step += 1;
        const own = step;
        const seen: FakeEvent = {
          event,
          values: { ...DEFAULTS, ...session, ...message, ...input.values },
          input,
        };
        events.push(seen);
        const said = (await handlers[event]?.(seen)) ?? {};
        if (BEFORE_MESSAGE.has(event)) Object.assign(session, said.set);
        else message = { ...message, ...said.set };
        if (event === 'onConnect') connected = { ...session };
        const coded = splitCodes(said.explanation ?? '');
        return {
          event,
          action: said.action ?? '',
          explanation: coded.text,
          codes: { code: coded.code, enhanced: coded.enhanced },
          decidedBy: said.action ? 'fake' : '',
          failure: said.failed
            ? { policy: 'fake', code: 'ERR_POLICY_TIMEOUT', message: 'failed' }
            : undefined,
          step: own,
          headers: edited(input.headers, said.edits),
          recipients: recipientsAfter(input, said),
          signWith: said.signWith ?? [],
        };
      },
      value: (name) => message[name] ?? session[name] ?? DEFAULTS[name],
      resetMessage() {
        message = {};
      },
      forgetHello() {
        session = { ...connected };
        message = {};
      },
      note(note) {
        step += 1;
        notes.push(note);
        return step;
      },
      messageState: () => ({}),
      findings: () => [],
      close(reason) {
        closed.push(reason);
      },
    };
  }

  return { events, notes, closed, openSession: (info) => openSession(info.id, info.initial) };
}

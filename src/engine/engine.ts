/**
 * The inbound engine: listeners, the sessions on them, and an end that loses nothing.
 *
 * `start` resolves when every listener accepts connections. `stop` accepts no more, tells idle
 * clients 421, lets messages in progress finish, and after the deadline ends what is left; a
 * message that was not answered by then is the client's to send again.
 *
 * Callers: app. `start` rejects with ERR_LISTEN, and then nothing is left listening.
 */
import { type BoundListener, type Listener, type ListenerHost, listen } from './listener/server.js';
import { createSocketBudget } from './listener/socket-budget.js';
import type { EngineDeps } from './ports.js';
import { createAdmission } from './session/admission.js';
import { Conversation } from './session/conversation.js';
import { openSession } from './session/open-session.js';
import type { EngineSettings } from './settings.js';

export interface SmtpEngine {
  /** Resolves with the addresses that were bound, in the order of the settings. */
  start(): Promise<readonly BoundListener[]>;
  /**
   * Stops; after `deadlineMs` milliseconds what is left is ended. Resolves when all is closed. A call
   * while it stops already waits for the same end.
   */
  stop(deadlineMs: number): Promise<void>;
  /** Sessions that are open now. */
  sessionCount(): number;
}

/** Sockets whose client has not closed its side yet get this long to read our last words. */
const LINGER_MS = 500;

/** The sessions that are open, and the moment when there are none. */
interface Sessions {
  readonly open: ReadonlySet<Conversation>;
  readonly host: ListenerHost;
  /** Resolves when every session has ended, or at the deadline. */
  end(deadlineMs: number): Promise<void>;
}

function createSessions(
  deps: EngineDeps,
  settings: () => EngineSettings,
  isStopping: () => boolean,
): Sessions {
  const open = new Set<Conversation>();
  let onEmpty: (() => void) | undefined;
  const admission = createAdmission();

  return {
    open,
    host: {
      log: deps.log,
      sessionIds: deps.sessionIds,
      sockets: createSocketBudget(settings().limits.maxSockets),
      maxLineOctets: () => settings().limits.maxCommandOctets,
      clock: deps.clock,
      tls: deps.tls,
      converse(wire, listener, arrival) {
        const { id, peer, via, tls } = arrival;
        const session = openSession(deps, { id, peer, via, tls, listener, settings: settings() });
        const onEnd = (): void => {
          open.delete(conversation);
          if (open.size === 0) onEmpty?.();
        };
        const conversation: Conversation = new Conversation(session, wire, admission, onEnd);
        open.add(conversation);
        if (isStopping()) conversation.stop();
        return conversation;
      },
    },
    end(deadlineMs) {
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = deps.clock.after(deadlineMs, resolve);
        onEmpty = () => {
          cancel();
          resolve();
        };
      });
    },
  };
}

/** Listens everywhere or nowhere. */
async function listenAll(host: ListenerHost, settings: () => EngineSettings): Promise<Listener[]> {
  const results = await Promise.allSettled(
    settings().listeners.map((one, i) => listen(host, one, () => settings().listeners[i] ?? one)),
  );
  const listeners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return listeners;
  await Promise.all(listeners.map((listener) => listener.close()));
  throw failed.reason;
}

/** `settings` is asked at each new connection, so that a change is in force from then on. */
export function createSmtpEngine(deps: EngineDeps, settings: () => EngineSettings): SmtpEngine {
  let listeners: Listener[] = [];
  let isStopping = false;
  let stopping: Promise<void> | undefined;
  const sessions = createSessions(deps, settings, () => isStopping);

  async function stop(deadlineMs: number): Promise<void> {
    isStopping = true;
    const ended = listeners;
    listeners = [];
    const closed = Promise.all(ended.map((listener) => listener.close()));
    for (const conversation of sessions.open) conversation.stop();
    await sessions.end(deadlineMs);
    const forcedSessions = sessions.open.size;
    for (const conversation of sessions.open) conversation.forceStop();
    const cancel = deps.clock.after(LINGER_MS, () => {
      for (const listener of ended) listener.destroyAll();
    });
    await closed;
    cancel();
    deps.facts.publish('engine.stopped', { forcedSessions });
  }

  return {
    async start() {
      isStopping = false;
      listeners = await listenAll(sessions.host, settings);
      const bound = listeners.map((listener) => listener.bound);
      deps.facts.publish('engine.started', { listeners: bound.map((b) => `${b.host}:${b.port}`) });
      return bound;
    },

    async stop(deadlineMs) {
      stopping ??= stop(deadlineMs).finally(() => {
        stopping = undefined;
      });
      await stopping;
    },

    sessionCount: () => sessions.open.size,
  };
}

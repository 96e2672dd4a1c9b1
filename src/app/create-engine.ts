/**
 * `createEngine()`: Postern inside a host program.
 *
 * The same configuration, engine and policies as `postern start`, in this process and without a
 * supervisor: the watchdog reports a busy loop and disables the policy, but does not end a process
 * that is not its own. No file, environment or signal is looked at unless the host asks for it.
 *
 * Callers: host programs, through index.ts. `start` rejects with ConfigError, PolicyLoadError,
 * QueueError or ERR_LISTEN, and leaves nothing behind then.
 */
import type { FactMap, FactName } from '../core/facts.js';
import { type Logger, silentLogger } from '../core/log.js';
import type { PolicyList } from '../hooks/types.js';
import type { ConfigInput } from './config-types.js';
import { loadConfig } from './load-config.js';
import { type Postern, startPostern } from './postern.js';

export interface EngineOptions {
  /** Settings as in postern.yaml; what is left out keeps its default. */
  readonly settings?: ConfigInput;
  /** A configuration file to start from. Default: none. */
  readonly configFile?: string;
  /**
   * Policies as objects. When given, policy files are loaded only if `settings.policies` names
   * some.
   */
  readonly policies?: PolicyList;
  /** Where log lines go. Default: nowhere. */
  readonly logger?: Logger;
}

export interface BoundAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Engine {
  /**
   * Opens the listeners; resolves with their addresses. A second call gives the same promise, one
   * after `stop` rejects.
   */
  start(): Promise<readonly BoundAddress[]>;
  /**
   * Takes no new mail, lets what is under way finish, closes everything. The engine cannot be started
   * again. Does nothing when it was not started, or when its start failed.
   */
  stop(): Promise<void>;
  /** Loads the policy files again; `kept` when they do not load and the previous set stays. */
  reloadPolicies(): Promise<'loaded' | 'kept'>;
  /** Explains a reply id, queue id, session id or Message-ID; undefined when nothing is kept of it. */
  explain(id: string): Promise<readonly string[] | undefined>;
  /** Counters in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Hears one kind of fact from the start on, such as `message.queued`; the returned function ends that. */
  on<N extends FactName>(name: N, hear: (body: FactMap[N]) => void): () => void;
}

/** Facts that were asked for before the start, kept until there is something to hear. */
class Hearers {
  readonly #waiting = new Set<(running: Postern) => void>();
  #running: Postern | undefined;

  attach(running: Postern): void {
    this.#running = running;
    for (const join of this.#waiting) join(running);
    this.#waiting.clear();
  }

  add<N extends FactName>(name: N, hear: (body: FactMap[N]) => void): () => void {
    if (this.#running) return this.#running.on(name, hear);
    let leave: (() => void) | undefined;
    const join = (running: Postern): void => {
      leave = running.on(name, hear);
    };
    this.#waiting.add(join);
    return () => {
      this.#waiting.delete(join);
      leave?.();
    };
  }
}

/**
 * Makes an engine; nothing is opened before `start`.
 *
 * @example
 * const engine = createEngine({ settings: { listeners: [{ port: 2525 }], dataDir: './var' }, policies: [myPolicy] });
 * const [listener] = await engine.start();
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const hearers = new Hearers();
  let starting: Promise<Postern> | undefined;
  let hasEnded = false;

  const begin = async (): Promise<Postern> => {
    const filesToo = options.policies === undefined || options.settings?.policies !== undefined;
    const { config } = loadConfig({
      file: options.configFile ?? null,
      settings: filesToo ? (options.settings ?? {}) : { ...options.settings, policies: [] },
    });
    const running = await startPostern({
      config,
      log: options.logger ?? silentLogger,
      ...(options.policies === undefined ? {} : { policies: options.policies }),
    });
    hearers.attach(running);
    return running;
  };
  const running = async (): Promise<Postern> => {
    if (starting === undefined) throw new Error('the engine has not been started');
    return await starting;
  };

  return {
    async start() {
      if (hasEnded) throw new Error('the engine has been stopped; make a new one with createEngine()');
      starting ??= begin();
      return (await starting).listeners;
    },
    async stop() {
      // A start that failed has told its caller why, and has left nothing to stop.
      const started = await starting?.catch(() => undefined);
      if (started === undefined) return;
      hasEnded = true;
      await started.stop();
    },
    reloadPolicies: async () => await (await running()).reloadPolicies(),
    explain: async (id) => await (await running()).explain(id),
    metrics: async () => await (await running()).metrics(),
    on: (name, hear) => hearers.add(name, hear),
  };
}

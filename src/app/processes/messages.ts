/**
 * What supervisor and engine process tell each other over their channel.
 *
 * Callers: app/processes/supervisor, cli/commands/start. Plain JSON values only.
 */

/** From the supervisor, once, right after the process has begun. */
export interface BeginMessage {
  readonly kind: 'begin';
  /** Policies that blocked the process too often, with the reason. */
  readonly disabled: readonly { readonly policy: string; readonly reason: string }[];
  /** Whether this process replaces one that died, so that the banner is not shown again. */
  readonly again: boolean;
  /**
   * Ports that the process before this one was given by the system, by listener, so that a
   * listener on port 0 is where its clients know it.
   */
  readonly ports: Readonly<Record<string, number>>;
}

/** From the engine process, once its listeners are open. */
export interface ReadyMessage {
  readonly kind: 'ready';
  readonly ports: Readonly<Record<string, number>>;
}

export type ProcessMessage = BeginMessage | ReadyMessage;

export function isProcessMessage(value: unknown): value is ProcessMessage {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

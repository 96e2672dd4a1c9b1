/**
 * One listening socket: smtp-server with our connections on it.
 *
 * The library's reverse look-up, sizes, verbs and enhanced codes are off, because the stages do
 * that work; TLS and AUTH are not offered. Every emitter has an 'error' listener, so that no
 * client can end the process.
 *
 * Callers: engine/engine. `listen` rejects with ERR_LISTEN when the address cannot be had.
 */
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { EngineError, messageOf } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import type { Conversation, Wire } from '../session/conversation.js';
import type { Peer } from '../session/session.js';
import type { ListenerSettings } from '../settings.js';
import { Connection } from './connection.js';

/** What a listener needs to begin a conversation. */
export interface ListenerHost {
  readonly log: Logger;
  readonly sessionIds: () => string;
  readonly maxLineOctets: () => number;
  converse(id: string, listener: ListenerSettings, wire: Wire, peer: Peer): Conversation;
}

/** Joke verbs and verbs of extensions that are not offered; the stages answer for all of them. */
const DISABLED = ['WIZ', 'SHELL', 'KILL', 'STARTTLS', 'AUTH', 'XCLIENT', 'XFORWARD'];

class Server extends SMTPServer {
  readonly #host: ListenerHost;
  readonly #settings: ListenerSettings;
  readonly #open = new Set<Connection>();

  constructor(host: ListenerHost, settings: ListenerSettings) {
    super({
      name: settings.name,
      logger: false,
      disabledCommands: DISABLED,
      hideSTARTTLS: true,
      authOptional: true,
      disableReverseLookup: true,
    });
    this.#host = host;
    this.#settings = settings;
    this.on('error', (error: Error) => {
      host.log.warn('listener error', { listener: settings.name, error: error.message });
    });
  }

  override connect(socket: Socket, known?: SMTPConnectionOptions | null): void {
    try {
      this.#begin(socket, known ?? {});
    } catch (error) {
      // A conversation that cannot even begin costs this client its connection and nobody else.
      this.#host.log.error('a session could not be opened', { error: messageOf(error) });
      socket.destroy();
    }
  }

  #begin(socket: Socket, known: SMTPConnectionOptions): void {
    const host = this.#host;
    const id = host.sessionIds();
    const connection = new Connection({
      server: this,
      socket,
      options: { ...known, id },
      maxLineOctets: host.maxLineOctets(),
      converse: (wire, peer) => host.converse(id, this.#settings, wire, peer),
    });
    this.#open.add(connection);
    socket.once('close', () => this.#open.delete(connection));
    connection.on('error', (error: Error) => {
      host.log.debug('connection error', { session: id, error: error.message });
    });
    connection.init();
  }

  /** Ends every connection that is still there, without waiting for its client. */
  destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}

export interface BoundListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Listener {
  readonly bound: BoundListener;
  /** Accepts no more; resolves when the last connection is gone. */
  close(): Promise<void>;
  destroyAll(): void;
}

/** Listens; resolves when connections are accepted. */
export function listen(host: ListenerHost, settings: ListenerSettings): Promise<Listener> {
  const server = new Server(host, settings);
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      const address = `${settings.host}:${settings.port}`;
      reject(new EngineError('ERR_LISTEN', { cause: error, detail: { address, reason: error.message } }));
    };
    server.server.once('error', failed);
    server.server.listen({ host: settings.host, port: settings.port, backlog: settings.backlog }, () => {
      server.server.off('error', failed);
      const { address, port } = server.server.address() as AddressInfo;
      resolve({
        bound: { name: settings.name, host: address, port },
        close: () =>
          new Promise<void>((done) => {
            server.server.close(() => done());
          }),
        destroyAll: () => {
          server.destroyAll();
        },
      });
    });
  });
}

/**
 * One listening socket: smtp-server with our connections on it.
 *
 * The library's reverse look-up, sizes, verbs, PROXY, TLS and enhanced codes are off: listener and
 * stages do that work. Every emitter has an 'error' listener, so that no
 * client can end the process.
 *
 * Callers: engine/engine. `listen` rejects with ERR_LISTEN when the address cannot be had.
 */
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Clock } from '../../core/clock.js';
import { EngineError, messageOf } from '../../core/errors.js';
import type { Logger } from '../../core/log.js';
import { readPeerAddress } from '../../smtp/peer-address.js';
import type { TlsPort } from '../ports.js';
import type { Conversation } from '../session/conversation.js';
import { isTrusted } from '../session/trusted.js';
import type { Wire } from '../session/wire.js';
import type { ListenerSettings } from '../settings.js';
import { type Arrival, arrivalOf } from './arrival.js';
import { Connection } from './connection.js';
import { awaitProxyHeader, type ProxyHeader } from './proxy-gate.js';
import type { SocketBudget } from './socket-budget.js';

/** What a listener needs to begin a conversation. */
export interface ListenerHost {
  readonly log: Logger;
  readonly sessionIds: () => string;
  readonly sockets: SocketBudget;
  readonly maxLineOctets: () => number;
  readonly clock: Clock;
  /** Undefined where there are no certificates. */
  readonly tls: TlsPort | undefined;
  converse(wire: Wire, listener: ListenerSettings, arrival: Arrival): Conversation;
}

/** Joke verbs and verbs of extensions that are not offered; the stages answer for all of them. */
const DISABLED = ['WIZ', 'SHELL', 'KILL', 'STARTTLS', 'AUTH', 'XCLIENT', 'XFORWARD'];

class Server extends SMTPServer {
  readonly #host: ListenerHost;
  /** As they are now: each connection keeps those with which it began. */
  readonly #now: () => ListenerSettings;
  readonly #connections = new Set<Connection>();
  /** Sockets of proxies that have not said for whom they speak. */
  readonly #waiting = new Set<Socket>();

  constructor(host: ListenerHost, now: () => ListenerSettings) {
    const { name } = now();
    super({
      name,
      logger: false,
      disabledCommands: DISABLED,
      hideSTARTTLS: true,
      authOptional: true,
      disableReverseLookup: true,
    });
    this.#host = host;
    this.#now = now;
    this.on('error', (error: Error) => {
      host.log.warn('listener error', { listener: name, error: error.message });
    });
  }

  /** The library's own reading of PROXY knows version 1 only, and draws an id that we do not use. */
  override _handleProxy(
    _socket: Socket,
    next: (error: Error | null, known?: SMTPConnectionOptions & { readonly id: string }) => void,
  ): void {
    next(null);
  }

  override connect(socket: Socket): void {
    const { tls, proxyNetworks } = this.#now();
    if (!this.#host.sockets.take(socket, tls === 'implicit')) return;
    if (proxyNetworks.length === 0 || !isTrusted(addressOf(socket), proxyNetworks)) this.#begin(socket);
    else this.#afterHeader(socket);
  }

  /** A trusted proxy says first for whom it speaks; until then there is no session. */
  #afterHeader(socket: Socket): void {
    const { log, clock } = this.#host;
    const proxy = addressOf(socket);
    socket.on('error', (error: Error) => {
      log.debug('connection error', { proxy, error: error.message });
    });
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
    awaitProxyHeader(socket, clock).then(
      (answer) => {
        this.#waiting.delete(socket);
        if (answer.status !== 'refused') this.#begin(socket, answer);
        else {
          const { reason, hasSpoken } = answer;
          log[hasSpoken ? 'warn' : 'debug']('a proxy was refused', {
            listener: this.#now().name,
            proxy,
            reason,
          });
        }
      },
      (error: unknown) => {
        log.error('a PROXY header could not be read', { error: messageOf(error) });
        socket.destroy();
      },
    );
  }

  #begin(socket: Socket, header?: ProxyHeader): void {
    try {
      this.#open(socket, header);
    } catch (error) {
      // A conversation that cannot even begin costs this client its connection and nobody else.
      this.#host.log.error('a session could not be opened', { error: messageOf(error) });
      socket.destroy();
    }
  }

  #open(socket: Socket, header: ProxyHeader | undefined): void {
    const host = this.#host;
    const settings = this.#now();
    const id = host.sessionIds();
    const isSecureAlready = header?.status === 'proxied' && header.tls !== undefined;
    const connection = new Connection({
      server: this,
      socket,
      options: { id },
      maxLineOctets: host.maxLineOctets(),
      tls: settings.tls === 'never' ? undefined : host.tls,
      isImplicit: settings.tls === 'implicit' && !isSecureAlready,
      converse: (wire, peer) => host.converse(wire, settings, arrivalOf(id, peer, header)),
    });
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    connection.on('error', (error: Error) => {
      host.log.debug('connection error', { session: id, error: error.message });
    });
    connection.init();
  }

  /** Ends every connection that is still there, without waiting for its client. */
  destroyAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Ends what has no session yet. */
  destroyWaiting(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}

/** The other end, spelled as lists of networks spell it. */
function addressOf({ remoteAddress = '' }: Socket): string {
  return readPeerAddress(remoteAddress)?.address ?? remoteAddress;
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

/**
 * Listens where `settings` say; resolves when connections are accepted. `now` is asked at each of
 * them for what else holds.
 */
export function listen(
  host: ListenerHost,
  settings: ListenerSettings,
  now: () => ListenerSettings,
): Promise<Listener> {
  const server = new Server(host, now);
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
            server.destroyWaiting();
          }),
        destroyAll: () => {
          server.destroyAll();
        },
      });
    });
  });
}

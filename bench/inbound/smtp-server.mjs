/**
 * The peer: smtp-server as it is, without policies, and without its wait of 100 ms before the greeting.
 *
 * It reads every message to its end, answers, and keeps nothing.
 */
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { serve } from './serve.mjs';

/** Greets at once; the rest is the library's. */
class PromptConnection extends SMTPConnection {
  init() {
    this._setListeners(() => this.connectionReady());
  }
}

/** The library's own `connect`, for connections that greet at once. */
class PromptServer extends SMTPServer {
  connect(socket, options) {
    const connection = new PromptConnection(this, socket, options);
    this.connections.add(connection);
    connection.on('error', (error) => this._onError(error));
    connection.on('connect', (info) => this._onClientConnect(info));
    connection.init();
  }
}

const server = new PromptServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, done) {
    stream.on('end', () => done(null, 'Ok'));
    stream.resume();
  },
});
server.on('error', (error) => {
  process.stderr.write(`smtp-server: ${error.message}\n`);
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => serve(server.server.address().port));

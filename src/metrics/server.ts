/**
 * The monitoring port: `/metrics` for Prometheus, `/healthz` for whoever restarts things.
 *
 * Read only, without authentication, therefore on the loopback interface unless the operator says
 * otherwise. A request of any other kind gets 404; the body of a request is never read.
 *
 * Callers: app. An address that is taken rejects with ERR_LISTEN.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { EngineError, messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';

export interface MetricsServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface MetricsOptions {
  readonly host: string;
  readonly port: number;
  /** What `/healthz` answers: `ok`, or why not. */
  readonly health: () => Promise<{ readonly ok: boolean; readonly text: string }>;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  options: MetricsOptions,
): Promise<void> {
  const { method, url } = request;
  const known = method === 'GET' || method === 'HEAD';
  if (known && url === '/metrics') {
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
    return;
  }
  if (known && url === '/healthz') {
    const { ok, text } = await options.health();
    response.statusCode = ok ? 200 : 503;
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`${text}\n`);
    return;
  }
  response.statusCode = 404;
  response.end('not found; try /metrics or /healthz\n');
}

export function startMetricsServer(
  registry: Registry,
  options: MetricsOptions,
  log: Logger,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(request, response, registry, options).catch((error: unknown) => {
      log.error('the monitoring port could not answer', { error: messageOf(error) });
      response.destroy();
    });
  });
  server.unref();
  const address = `${options.host}:${options.port}`;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new EngineError('ERR_LISTEN', { cause: error, detail: { address, reason: messageOf(error) } }));
    });
    server.listen(options.port, options.host, () => {
      server.on('error', (error) => {
        log.error('the monitoring port had trouble', { error: messageOf(error) });
      });
      const { port } = server.address() as AddressInfo;
      resolve({
        host: options.host,
        port,
        close: () =>
          new Promise((closed) => {
            server.closeAllConnections();
            server.close(() => {
              closed();
            });
          }),
      });
    });
  });
}

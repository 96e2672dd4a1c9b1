/**
 * Whether a port can be opened, found out by opening it for a moment.
 *
 * Callers: cli/commands/check. Never rejects.
 */
import { createServer } from 'node:net';
import type { PortOutcome } from '../app/check-network.js';

export function probePort(host: string, port: number): Promise<PortOutcome> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'EADDRINUSE' ? { status: 'inUse' } : { status: 'refused', reason: error.message },
      );
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve({ status: 'free' });
      });
    });
  });
}

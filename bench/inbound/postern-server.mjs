/**
 * Postern as a host program embeds it: the built `createEngine` with its defaults.
 *
 * Word 1 says what becomes of messages: `discard` receives all of each and drops it, as the peer
 * does; `queue` accepts each into the queue, from which nothing is delivered while the bench runs.
 * Connection limits are raised for the idle clients, which all come from one address.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, definePolicy } from '../../dist/index.js';
import { serve } from './serve.mjs';

const POLICIES = {
  discard: definePolicy({
    name: 'bench-discard',
    onDataReceived(ctx) {
      ctx.smtpAction = 'discard';
    },
  }),
  queue: definePolicy({
    name: 'bench-queue',
    onDataReceived(ctx) {
      ctx.delayDelivery = '+99h';
    },
  }),
};

const dataDir = mkdtempSync(join(tmpdir(), 'postern-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

const engine = createEngine({
  settings: {
    listeners: [{ port: 0, maxConnections: 5000, maxConnectionsPerIp: 5000 }],
    metrics: { port: 0 },
    dataDir,
  },
  policies: [POLICIES[process.argv[2] ?? 'discard']],
});
const [listener] = await engine.start();
serve(listener.port);

import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { turns } from '../../helpers/gate.js';
import { connectPeer, type PeerOptions, type SmtpPeer } from '../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
const peers: SmtpPeer[] = [];

async function connect(options: PeerOptions): Promise<SmtpPeer> {
  const peer = await connectPeer(running.port, '127.0.0.1', options);
  peers.push(peer);
  return peer;
}

async function start(options: EngineOptions): Promise<void> {
  running = await startEngine(options);
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await running.stop();
});

describe('a client that is not let in', () => {
  it('keeps no socket, although it never ends its side', async () => {
    await start({ limits: { maxSockets: 2 }, listener: { maxConnectionsPerAddress: 1 } });
    const first = await connect({});
    expect((await first.reply()).code).toBe(220);
    for (let i = 0; i < 3; i += 1) {
      const refused = await connect({ allowHalfOpen: true });
      const ended = once(refused.socket, 'end');
      expect((await refused.reply()).lines[0]).toMatch(/^421 4\.7\.0 /);
      await ended;
      await turns(5);
    }
    const other = await connect({ localAddress: '127.0.0.2' });
    expect((await other.reply()).code).toBe(220);
  });

  it.each<[string, EngineOptions]>([
    ['its address has too many sessions', { listener: { maxConnectionsPerAddress: 0 } }],
    ['there are too many sessions', { limits: { maxConnections: 0 } }],
    ['there are too many sockets', { limits: { maxSockets: 0 } }],
  ])('hears no word in clear where TLS comes first and %s', async (_, { limits = {}, listener }) => {
    await start({ tls: true, limits, listener: { ...listener, tls: 'implicit' } });
    const refused = await connect({});
    await refused.ended();
    expect(refused.received()).toBe('');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../../../src/core/facts.js';
import { connectPeer } from '../../../helpers/smtp-peer.js';
import { eventually } from '../../../helpers/eventually.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { turns } from '../../../helpers/gate.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../../helpers/start-engine.js';

const started: RunningEngine[] = [];

async function start(options: EngineOptions = {}): Promise<RunningEngine> {
  const engine = await startEngine({ tls: true, ...options });
  started.push(engine);
  return engine;
}

/** The facts about handshakes that failed. */
const failures = ({ facts }: RunningEngine): Fact[] => facts.filter(({ name }) => name === 'tls.failed');

afterEach(async () => {
  for (const engine of started.splice(0)) await engine.stop();
});

describe('STARTTLS', () => {
  it('encrypts, forgets what was said before, and is offered no more', async () => {
    const engine = await start();
    const peer = await engine.client();
    expect((await peer.say('EHLO c.test')).lines).toContain('250-STARTTLS');
    await peer.say('MAIL FROM:<a@there.example>');
    expect((await peer.say('STARTTLS')).lines).toEqual(['220 2.0.0 Ready to start TLS']);
    await peer.secure();
    expect((await peer.say('MAIL FROM:<a@there.example>')).code).toBe(503);
    const { lines } = await peer.say('EHLO c.test');
    expect(lines).not.toContain('250-STARTTLS');
    expect(lines).toContain('250-REQUIRETLS');
    expect((await peer.say('STARTTLS')).code).toBe(503);
    expect((await peer.say('MAIL FROM:<b@there.example>')).code).toBe(250);
    await peer.say('RCPT TO:<b@here.example>');
    await peer.say('DATA');
    expect((await peer.say(`S: x\r\n\r\n${'text\r\n'.repeat(50_000)}.`)).code).toBe(250);
    expect(engine.policies.events.at(-1)?.input.values.isSSLConnection).toBe('yes');
    const header = engine.intake.messages.at(-1)?.header ?? '';
    expect(header.replace(/\r\n[ \t]+/g, ' ')).toMatch(/ with ESMTPS id \S+ for \S+ tls TLS_\w+ /);
  });

  it('runs nothing that came in clear behind it', async () => {
    const engine = await start();
    const peer = await engine.client();
    await peer.say('EHLO c.test');
    peer.raw('STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@there.example>\r\nRCPT TO:<b@here');
    expect((await peer.reply()).code).toBe(220);
    // What was left of the line must not become the beginning of the first one inside.
    await peer.secure().then(
      async () => {
        expect((await peer.say('NOOP')).code).toBe(250);
        expect((await peer.say('RCPT TO:<b@here.example>')).code).toBe(503);
      },
      () => undefined,
    );
    expect(engine.policies.events.map(({ event }) => event)).not.toContain('onMailFrom');
  });

  it('costs nobody else anything when the handshake fails', async () => {
    const engine = await start();
    const other = await engine.client();
    const peer = await engine.client();
    await peer.say('EHLO c.test');
    await peer.say('STARTTLS');
    peer.raw('MAIL FROM:<a@there.example>\r\n'.repeat(20));
    await peer.ended();
    expect((await other.say('EHLO o.test')).code).toBe(250);
    await eventually('one session', () => engine.engine.sessionCount() === 1);
  });

  it('ends with a client that leaves in the handshake', async () => {
    const engine = await start();
    const peer = await engine.client();
    await peer.say('EHLO c.test');
    await peer.say('STARTTLS');
    peer.raw('\x16\x03\x01');
    peer.destroy();
    await eventually('no session', () => engine.engine.sessionCount() === 0);
  });

  it('gives a handshake a minute', async () => {
    const clock = createFakeClock();
    const engine = await start({ clock });
    const peer = await engine.client();
    await peer.say('EHLO c.test');
    await peer.say('STARTTLS');
    await clock.advance(59_000);
    expect(engine.engine.sessionCount()).toBe(1);
    await clock.advance(2_000);
    await peer.ended();
    expect(engine.engine.sessionCount()).toBe(0);
    // Nothing may be said in clear amid a handshake.
    expect(peer.received()).not.toContain('421');
  });

  it('is 502 without a certificate, for a listener that never encrypts, and where a policy says no', async () => {
    const never = await start({ listener: { tls: 'never' } });
    const without = await startEngine();
    started.push(without);
    const policy = await start({ handlers: { onEhlo: () => ({ set: { allowStartTLS: 'no' } }) } });
    for (const engine of [never, without, policy]) {
      const peer = await engine.client();
      expect((await peer.say('EHLO c.test')).lines).not.toContain('250-STARTTLS');
      expect((await peer.say('STARTTLS')).code).toBe(502);
      expect((await peer.say('NOOP')).code).toBe(250);
    }
  });
});

describe('implicit TLS', () => {
  it('shakes hands before the greeting', async () => {
    const engine = await start({ listener: { tls: 'implicit' } });
    const peer = await connectPeer(engine.port);
    await peer.secure('mx.test');
    expect((await peer.reply()).code).toBe(220);
    const { lines } = await peer.say('EHLO c.test');
    expect(lines).not.toContain('250-STARTTLS');
    expect(engine.policies.events[0]?.input.values.isSSLConnection).toBe('yes');
    peer.destroy();
  });

  it('tells of a handshake that fails, once', async () => {
    const engine = await start({ listener: { tls: 'implicit' } });
    const clear = await connectPeer(engine.port);
    clear.raw('EHLO c.test\r\n'.repeat(20));
    await clear.ended();
    await eventually('no session', () => engine.engine.sessionCount() === 0);
    await turns(5);
    expect(failures(engine)).toHaveLength(1);
  });

  it('tells of none when a client breaks off later', async () => {
    const engine = await start({ listener: { tls: 'implicit' } });
    const peer = await connectPeer(engine.port);
    await peer.secure();
    expect((await peer.reply()).code).toBe(220);
    peer.socket.resetAndDestroy();
    await eventually('no session', () => engine.engine.sessionCount() === 0);
    await turns(5);
    expect(failures(engine)).toEqual([]);
  });

  it('says nothing to a client that speaks in clear, and serves the next', async () => {
    const engine = await start({ listener: { tls: 'implicit' } });
    const clear = await connectPeer(engine.port);
    clear.raw('EHLO c.test\r\n');
    await clear.ended();
    expect(clear.received()).not.toMatch(/^\d{3}/);
    const peer = await connectPeer(engine.port);
    await peer.secure();
    expect((await peer.reply()).code).toBe(220);
    peer.destroy();
    clear.destroy();
  });

  it('holds nobody up when the engine stops amid a handshake', async () => {
    const engine = await start({ listener: { tls: 'implicit' } });
    const peer = await connectPeer(engine.port);
    await eventually('one session', () => engine.engine.sessionCount() === 1);
    await engine.engine.stop(10);
    await peer.ended();
    expect(engine.engine.sessionCount()).toBe(0);
  });

  it('amid a handshake is idle: a stop does not wait for it', async () => {
    const engine = await start({ clock: createFakeClock(), listener: { tls: 'implicit' } });
    const peer = await connectPeer(engine.port);
    await eventually('one session', () => engine.engine.sessionCount() === 1);
    // Time stands still, so nothing but the stop itself can end this.
    await engine.engine.stop(10_000);
    await peer.ended();
    expect(peer.received()).toBe('');
    expect(engine.facts.at(-1)).toEqual({ name: 'engine.stopped', body: { forcedSessions: 0 } });
  });
});

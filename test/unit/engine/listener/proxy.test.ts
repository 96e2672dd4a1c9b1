import { afterEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../../../src/core/log.js';
import { eventually } from '../../../helpers/eventually.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { proxyLine } from '../../../helpers/proxy-header.js';
import { connectPeer, type SmtpPeer } from '../../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../../helpers/start-engine.js';

const PAIR = {
  source: { address: '192.0.2.7', port: 4321 },
  destination: { address: '198.51.100.1', port: 25 },
};
const LINE = proxyLine(PAIR).toString('latin1');

const open: { stop(): unknown }[] = [];

async function start(options: EngineOptions = {}): Promise<RunningEngine> {
  const listener = { proxyNetworks: ['127.0.0.0/8'], ...options.listener };
  const engine = await startEngine({ ...options, listener });
  open.push(engine);
  return engine;
}

async function connect({ port }: RunningEngine): Promise<SmtpPeer> {
  const peer = await connectPeer(port);
  open.unshift({
    stop: () => {
      peer.destroy();
    },
  });
  return peer;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

describe('the PROXY header', () => {
  it('is the client from then on, however it is cut', async () => {
    const engine = await start();
    const peer = await connect(engine);
    peer.raw(LINE.slice(0, 9));
    peer.raw(LINE.slice(9));
    expect((await peer.reply()).code).toBe(220);
    await peer.say('EHLO c.test');
    const { values } = engine.policies.events[0]?.input ?? { values: {} };
    expect(values).toMatchObject({
      remoteSmtpIp: '192.0.2.7',
      remoteSmtpPort: 4321,
      smtpIp: '198.51.100.1',
      smtpPort: 25,
    });
  });

  it('passes on what came behind it, also a handshake', async () => {
    const engine = await start({ tls: true, listener: { tls: 'implicit' } });
    const peer = await connect(engine);
    peer.raw(LINE);
    await peer.secure();
    expect((await peer.reply()).code).toBe(220);
    const plain = await start();
    const pipelining = await connect(plain);
    pipelining.raw(`${LINE}EHLO c.test\r\nNOOP\r\n`);
    for (const code of [220, 250, 250]) expect((await pipelining.reply()).code).toBe(code);
  });

  it('ends the connection when it is none, without a word', async () => {
    const engine = await start();
    const peer = await connect(engine);
    peer.raw('EHLO c.test\r\n');
    await peer.ended();
    expect(peer.received()).toBe('');
    expect(engine.facts).toEqual([]);
  });

  it('must come within ten seconds', async () => {
    const clock = createFakeClock();
    const engine = await start({ clock });
    const peer = await connect(engine);
    peer.raw(LINE.slice(0, 20));
    await eventually('the wait', () => clock.pending() > 0);
    await clock.advance(10_000);
    await peer.ended();
    expect(peer.received()).toBe('');
  });

  it.each([
    ['', 'debug'],
    ['PROXY TCP4 192.0.2.7', 'warn'],
  ])('that is %j when the proxy leaves is news of the level %s', async (words, level) => {
    const lines: string[] = [];
    const log: Logger = {
      debug: (message) => lines.push(`debug ${message}`),
      info: (message) => lines.push(`info ${message}`),
      warn: (message) => lines.push(`warn ${message}`),
      error: (message) => lines.push(`error ${message}`),
      child: () => log,
    };
    const engine = await start({ log });
    const peer = await connect(engine);
    peer.raw(words);
    peer.socket.end();
    await eventually('a line', () => lines.length > 0);
    expect(lines).toEqual([`${level} a proxy was refused`]);
  });

  it('of an unknown client gives it no trust of the proxy', async () => {
    const engine = await start({ listener: { trustedNetworks: ['127.0.0.0/8', '0.0.0.0/0'] } });
    const peer = await connect(engine);
    peer.raw('PROXY UNKNOWN\r\n');
    await peer.reply();
    await peer.say('EHLO c.test');
    await peer.say('MAIL FROM:<a@there.example>');
    expect((await peer.say('RCPT TO:<b@elsewhere.example>')).code).toBe(550);
  });

  it('is nothing but a wrong command of a client that is no proxy', async () => {
    const engine = await start({ listener: { proxyNetworks: ['192.0.2.0/24'] } });
    const peer = await connect(engine);
    expect((await peer.reply()).code).toBe(220);
    expect((await peer.say(LINE.trim())).code).toBe(500);
    expect(engine.policies.events[0]?.input.values.remoteSmtpIp).toBe('127.0.0.1');
  });

  it('does not keep the engine from stopping while it is waited for', async () => {
    const engine = await start();
    const peer = await connect(engine);
    const stopped = engine.engine.stop(10);
    await peer.ended();
    await stopped;
  });
});

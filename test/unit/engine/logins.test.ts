import { afterEach, describe, expect, it } from 'vitest';
import { LONGEST_RESPONSE } from '../../../src/auth/sasl/exchange.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { untilTrue } from '../../helpers/gate.js';
import type { SmtpPeer } from '../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine({
    users: { ann: 'secret' },
    ...options,
    listener: { authInClear: true, xclientNetworks: ['127.0.0.1'], ...options.listener },
  });
  return running;
};
afterEach(() => running.stop());

function plain(user: string, password: string): string {
  return `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;
}

/** A client with the address `ip` that has said EHLO. */
async function clientAt(ip: string): Promise<SmtpPeer> {
  const peer = await running.client();
  expect((await peer.say(`XCLIENT ADDR=${ip}`)).code).toBe(220);
  await peer.say('EHLO client.example');
  return peer;
}

function failures(): number {
  return running.facts.filter(({ name }) => name === 'auth.failed').length;
}

describe('AUTH on the wire', () => {
  it('is offered where it is accepted, and not any more to who has logged in', async () => {
    const { client } = await start();
    const peer = await client();
    expect((await peer.say('EHLO x')).lines).toContain('250-AUTH PLAIN LOGIN');
    expect((await peer.say(plain('ann', 'secret'))).code).toBe(235);
    expect((await peer.say('EHLO x')).lines.join()).not.toContain('AUTH');
  });

  it('is not offered in clear', async () => {
    const { client } = await start({ listener: { authInClear: false } });
    expect((await (await client()).say('EHLO x')).lines.join()).not.toContain('AUTH');
  });

  it('refuses a response that is too long, and goes on with commands', async () => {
    const { client } = await start();
    const peer = await client();
    await peer.say('EHLO x');
    await peer.say('AUTH PLAIN');
    expect((await peer.say('A'.repeat(LONGEST_RESPONSE + 1))).lines[0]).toMatch(/^500 5\.5\.6 /);
    expect((await peer.say(plain('ann', 'secret'))).code).toBe(235);
  });

  it('takes a response of the longest size', async () => {
    const { client } = await start();
    const peer = await client();
    await peer.say('EHLO x');
    await peer.say('AUTH PLAIN');
    // No base64: its length is no multiple of four.
    expect((await peer.say('A'.repeat(LONGEST_RESPONSE))).lines[0]).toMatch(/^501 5\.5\.2 /);
  });

  it('takes whatever octets answer a challenge for what they are: no response', async () => {
    const { client } = await start();
    const peer = await client();
    await peer.say('EHLO x');
    for (const line of ['a\0b', 'a\rb', '\xff\xfe', 'QUIT']) {
      await peer.say('AUTH LOGIN');
      expect((await peer.say(line)).lines[0]).toMatch(/^50[01] 5\.5\.2 /);
    }
    expect((await peer.say(plain('ann', 'secret'))).code).toBe(235);
  });

  it('slows an address across its sessions, and no other address', async () => {
    const clock = createFakeClock();
    await start({ clock });
    const first = await clientAt('192.0.2.1');
    expect((await first.say(plain('ann', 'guess'))).code).toBe(535);
    const second = await clientAt('192.0.2.1');
    second.raw(`${plain('ann', 'secret')}\r\n`);
    const other = await clientAt('192.0.2.2');
    expect((await other.say(plain('ann', 'secret'))).code).toBe(235);
    expect(second.received()).not.toContain('235');
    await clock.advance(1000);
    expect((await second.reply()).code).toBe(235);
  });

  it('locks an address out that guesses on, whichever sessions it uses', async () => {
    const clock = createFakeClock();
    await start({ clock });
    for (let i = 0; i < 10; i += 1) {
      const peer = await clientAt('192.0.2.1');
      peer.raw(`${plain(`user${i}`, 'guess')}\r\n`);
      while (failures() === i) await clock.advance(1000);
      expect((await peer.reply()).code).toBe(535);
    }
    const peer = await clientAt('192.0.2.1');
    expect((await peer.say(plain('ann', 'secret'))).lines[0]).toMatch(/^454 4\.7\.0 /);
    expect((await peer.say('MAIL FROM:<a@there.example>')).code).toBe(250);
    const other = await clientAt('192.0.2.2');
    expect((await other.say(plain('ann', 'secret'))).code).toBe(235);
  });

  it('is no faster for an address that guesses on many connections at once', async () => {
    const clock = createFakeClock();
    await start({ clock });
    const peers = [];
    for (let i = 0; i < 10; i += 1) peers.push(await clientAt('192.0.2.1'));
    const begun = clock.elapsed();
    for (const peer of peers) peer.raw(`${plain('ann', 'guess')}\r\n`);
    const earliest = [0, 1000, 3000, 7000, 15_000, 25_000, 35_000, 45_000, 55_000, 65_000];
    for (const [i, atLeast] of earliest.entries()) {
      if (i === 0) await untilTrue(() => failures() > 0);
      while (failures() <= i) await clock.advance(1000);
      expect(failures()).toBe(i + 1);
      expect(clock.elapsed() - begun).toBeGreaterThanOrEqual(atLeast);
    }
    for (const peer of peers) expect((await peer.reply()).code).toBe(535);
  });

  it('is as quick as ever for an office that guesses nothing', async () => {
    const clock = createFakeClock();
    await start({ clock });
    const peers = [];
    for (let i = 0; i < 10; i += 1) peers.push(await clientAt('192.0.2.1'));
    for (const peer of peers) peer.raw(`${plain('ann', 'secret')}\r\n`);
    for (const peer of peers) expect((await peer.reply()).code).toBe(235);
    expect(clock.elapsed()).toBe(0);
  });

  it('ends the attempt of a client that leaves while it waits', async () => {
    const clock = createFakeClock();
    const { engine } = await start({ clock });
    const first = await clientAt('192.0.2.1');
    await first.say(plain('ann', 'guess'));
    const second = await clientAt('192.0.2.1');
    second.raw(`${plain('ann', 'guess')}\r\n`);
    await untilTrue(() => running.facts.filter(({ name }) => name === 'session.opened').length === 4);
    await clock.settle();
    second.destroy();
    await untilTrue(() => failures() === 2);
    const reasons = running.facts.flatMap((fact) => (fact.name === 'auth.failed' ? [fact.body.reason] : []));
    expect(reasons).toEqual(['wrong', 'temporary']);
    await untilTrue(() => engine.sessionCount() === 1);
  });

  it('lets no password into facts and traces', async () => {
    const clock = createFakeClock();
    const { policies, facts } = await start({ clock });
    const peer = await clientAt('192.0.2.1');
    const line = plain('ann', 'guess');
    await peer.say(line);
    peer.raw(`${plain('ann', 'secret')}\r\n`);
    await clock.advance(1000);
    await peer.reply();
    const told = JSON.stringify([facts, policies.notes, policies.events.map(({ values }) => values)]);
    expect(told).toContain('ann');
    expect(told).not.toMatch(/guess|secret/);
    expect(told).not.toContain(line.slice(-8));
  });
});

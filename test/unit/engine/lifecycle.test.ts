import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { gate, untilTrue } from '../../helpers/gate.js';
import type { SmtpPeer } from '../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine(options);
  return running;
};
afterEach(() => running.stop());

async function envelope(peer: SmtpPeer): Promise<void> {
  await peer.say('EHLO client.example');
  await peer.say('MAIL FROM:<a@there.example>');
  await peer.say('RCPT TO:<b@here.example>');
  await peer.say('DATA');
}
const MESSAGE = 'Subject: x\r\n\r\nhello\r\n.';

describe('deadlines', () => {
  it('an idle client is told 421', async () => {
    const clock = createFakeClock();
    const { client } = await start({ clock });
    const peer = await client();
    await clock.advance(299_000);
    await peer.say('EHLO x');
    await clock.advance(301_000);
    expect((await peer.reply()).lines[0]).toMatch(/^421 4\.4\.2 Timeout \(ref /);
    await peer.ended();
    expect(running.policies.closed).toEqual(['timeout']);
  });

  it('a command that drips is cut off', async () => {
    const clock = createFakeClock();
    const { client } = await start({ clock, listener: { commandTimeoutMs: 10_000 } });
    const peer = await client();
    await peer.say('EHLO x');
    for (let i = 0; i < 4; i += 1) {
      peer.raw('x');
      for (let j = 0; j < 10; j += 1) await clock.settle();
      await clock.advance(3000);
    }
    expect((await peer.reply()).code).toBe(421);
    await peer.ended();
  });

  it('a message that stops coming is given up', async () => {
    const clock = createFakeClock();
    const { client, intake } = await start({ clock });
    const peer = await client();
    await envelope(peer);
    peer.raw('A: b\r\n\r\nx');
    await untilTrue(() => intake.open() === 1);
    await clock.advance(301_000);
    expect((await peer.reply()).code).toBe(421);
    expect(intake.open()).toBe(0);
  });

  it('a message that drips is given up as well', async () => {
    const clock = createFakeClock();
    const { client, intake, policies } = await start({ clock, handlers: { onBodyChunk: () => undefined } });
    const peer = await client();
    await envelope(peer);
    peer.raw('A: b\r\n\r\n');
    await untilTrue(() => intake.open() === 1);
    const chunks = () => policies.events.filter(({ event }) => event === 'onBodyChunk').length;
    for (let i = 0; i < 9; i += 1) {
      await clock.advance(60_000);
      // As much as makes a piece that is handed on.
      peer.raw('x'.repeat(16_384));
      await untilTrue(() => chunks() === i + 1);
    }
    await clock.advance(61_000);
    expect((await peer.reply()).code).toBe(421);
  });

  it('no deadline runs while a policy works', async () => {
    const clock = createFakeClock();
    const policy = gate();
    const { client, policies } = await start({
      clock,
      handlers: {
        async onEhlo() {
          await policy.passed;
          return undefined;
        },
      },
    });
    const peer = await client();
    peer.raw('EHLO x\r\n');
    await untilTrue(() => policies.events.length === 2);
    await clock.advance(1_000_000);
    policy.open();
    expect((await peer.reply()).code).toBe(250);
  });

  it('a refused message is not read for ever', async () => {
    const { client } = await start({
      limits: { maxDrainOctets: 1000 },
      handlers: { onEhlo: () => ({ set: { maxDataSize: 1 } }) },
    });
    const peer = await client();
    await envelope(peer);
    peer.raw('x'.repeat(3000));
    expect((await peer.reply()).lines[0]).toMatch(/^552 5\.3\.4 /);
    await peer.ended();
  });
});

describe('stop', () => {
  it('tells idle clients and lets a message in progress finish', async () => {
    const { client, engine, port, intake } = await start();
    const idle = await client();
    await idle.say('EHLO x');
    const busy = await client();
    await envelope(busy);
    const stopped = engine.stop(5000);
    expect((await idle.reply()).lines[0]).toMatch(/^421 4\.3\.2 /);
    expect((await busy.say(MESSAGE)).code).toBe(250);
    expect((await busy.reply()).code).toBe(421);
    await stopped;
    expect(intake.messages).toHaveLength(1);
    await expect(client(), `port ${port}`).rejects.toThrow(/ECONNREFUSED/);
    expect(running.facts.at(-1)).toEqual({ name: 'engine.stopped', body: { forcedSessions: 0 } });
  });

  it('ends what is left at the deadline', async () => {
    const { client, engine, intake } = await start();
    const busy = await client();
    await envelope(busy);
    await engine.stop(20);
    expect((await busy.reply()).code).toBe(421);
    expect(intake.open()).toBe(0);
    expect(running.facts.at(-1)).toEqual({ name: 'engine.stopped', body: { forcedSessions: 1 } });
  });

  it('does not wait for the silence before a greeting', async () => {
    const clock = createFakeClock();
    const { client, engine, policies } = await start({ clock, listener: { earlyTalkerDelayMs: 5000 } });
    const peer = await client(false);
    await untilTrue(() => engine.sessionCount() === 1);
    // Time stands still, so nothing but the stop itself can end this.
    await engine.stop(10_000);
    expect((await peer.reply()).lines[0]).toMatch(/^421 4\.3\.2 /);
    await peer.ended();
    await clock.advance(5000);
    expect(policies.events).toEqual([]);
    expect(running.facts.at(-1)).toEqual({ name: 'engine.stopped', body: { forcedSessions: 0 } });
  });

  it('asked for twice is one stop, and both who asked hear of its end', async () => {
    const { client, engine, facts } = await start({ clock: createFakeClock() });
    const busy = await client();
    await envelope(busy);
    const both = [engine.stop(10_000), engine.stop(10_000)];
    expect((await busy.say(MESSAGE)).code).toBe(250);
    await Promise.all(both);
    expect(facts.filter(({ name }) => name === 'engine.stopped')).toEqual([
      { name: 'engine.stopped', body: { forcedSessions: 0 } },
    ]);
  });

  it('says which address it cannot have', async () => {
    const first = await start();
    await expect(startEngine({ listener: { port: first.port } })).rejects.toMatchObject({
      code: 'ERR_LISTEN',
    });
  });
});

describe('many clients', () => {
  it('are served side by side', async () => {
    const { client, intake, engine } = await start();
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const peer = await client();
        await envelope(peer);
        expect((await peer.say(MESSAGE)).code).toBe(250);
        await peer.say('QUIT');
        await peer.ended();
      }),
    );
    expect(intake.messages).toHaveLength(50);
    await untilTrue(() => engine.sessionCount() === 0);
  });

  it('replies to a pipelined group come in one piece', async () => {
    const { client } = await start();
    const peer = await client();
    await peer.say('EHLO x');
    let pieces = 0;
    peer.socket.on('data', () => {
      pieces += 1;
    });
    peer.raw('NOOP\r\n'.repeat(20));
    for (let i = 0; i < 20; i += 1) expect((await peer.reply()).code).toBe(250);
    expect(pieces).toBe(1);
  });
});

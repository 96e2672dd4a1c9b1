import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { gate, turns, untilTrue } from '../../helpers/gate.js';
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

describe('clients that leave', () => {
  it('before the greeting cost no policy a run', async () => {
    const clock = createFakeClock();
    const { client, engine, policies } = await start({ clock, listener: { earlyTalkerDelayMs: 500 } });
    const peer = await client(false);
    await untilTrue(() => engine.sessionCount() === 1);
    peer.destroy();
    await untilTrue(() => engine.sessionCount() === 0);
    await clock.advance(500);
    await turns(5);
    expect(policies.events).toEqual([]);
  });

  it('a client that leaves inside the data leaves nothing behind', async () => {
    const { client, intake, policies, engine } = await start();
    const peer = await client();
    await envelope(peer);
    peer.raw('A: b\r\n\r\npartial');
    await untilTrue(() => intake.open() === 1);
    peer.destroy();
    await untilTrue(() => engine.sessionCount() === 0);
    expect(intake.open()).toBe(0);
    expect(intake.messages).toEqual([]);
    expect(policies.closed).toEqual(['client']);
    expect(running.facts.at(-1)).toMatchObject({
      name: 'session.closed',
      body: { reason: 'client', messages: 0 },
    });
  });

  it('a client that leaves while a policy works is noticed at once', async () => {
    const policy = gate();
    const { client, policies } = await start({
      handlers: {
        async onMailFrom() {
          await policy.passed;
          return undefined;
        },
      },
    });
    const peer = await client();
    await peer.say('EHLO x');
    peer.raw('MAIL FROM:<>\r\n');
    await untilTrue(() => policies.events.length === 3);
    peer.destroy();
    await untilTrue(() => policies.closed.length === 1);
    policy.open();
  });

  it('a message whose client left before it was stored is not accepted', async () => {
    const policy = gate();
    const { client, intake, policies, engine, facts } = await start({
      handlers: {
        async onDataReceived() {
          await policy.passed;
          return undefined;
        },
      },
    });
    const peer = await client();
    await envelope(peer);
    peer.raw('A: b\r\n\r\nwhole\r\n.\r\n');
    await untilTrue(() => policies.events.at(-1)?.event === 'onDataReceived');
    peer.destroy();
    await untilTrue(() => engine.sessionCount() === 0);
    policy.open();
    await untilTrue(() => intake.open() === 0);
    await turns(5);
    expect(intake.messages).toEqual([]);
    expect(facts.map(({ name }) => name).slice(-1)).toEqual(['session.closed']);
  });

  it('nor one whose client left while the last of its body was written', async () => {
    const disk = gate();
    const { client, intake, engine } = await start();
    const begin = intake.beginBody;
    let finishing = false;
    let abortedEarly = false;
    intake.beginBody = (queueId) => {
      const sink = begin(queueId);
      return {
        ...sink,
        async finish() {
          finishing = true;
          await disk.passed;
          finishing = false;
          return sink.finish();
        },
        abort() {
          abortedEarly ||= finishing;
          return sink.abort();
        },
      };
    };
    const peer = await client();
    await envelope(peer);
    peer.raw('A: b\r\n\r\nwhole\r\n.\r\n');
    await untilTrue(() => finishing);
    // A reset: one that only ends its side may still wait for the answer.
    peer.socket.resetAndDestroy();
    await untilTrue(() => engine.sessionCount() === 0);
    disk.open();
    await untilTrue(() => intake.open() === 0);
    await turns(5);
    expect(intake.messages).toEqual([]);
    expect(abortedEarly).toBe(false);
  });
});

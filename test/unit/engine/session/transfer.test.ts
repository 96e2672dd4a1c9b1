import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../helpers/fake-clock.js';
import { gate, untilTrue } from '../../../helpers/gate.js';
import type { SmtpPeer, SmtpReply } from '../../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../../helpers/start-engine.js';

const HEADER = 'Subject: x\r\n\r\n';
/** As much as makes a piece of body that is handed on at once. */
const PIECE = 'x'.repeat(16_384);

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine(options);
  return running;
};
afterEach(() => running.stop());

/** A client whose recipient was taken. */
async function sender(): Promise<SmtpPeer> {
  const peer = await running.client();
  await peer.say('EHLO client.example');
  await peer.say('MAIL FROM:<a@there.example>');
  await peer.say('RCPT TO:<b@here.example>');
  return peer;
}

function chunk(peer: SmtpPeer, text: string, last = ''): Promise<SmtpReply> {
  peer.raw(`BDAT ${text.length}${last}\r\n${text}`);
  return peer.reply();
}

/** How often the handler of `event` was asked. */
const asked = (event: string): number =>
  running.policies.events.filter((seen) => seen.event === event).length;

async function expectTimeout(peer: SmtpPeer): Promise<void> {
  expect((await peer.reply()).lines[0]).toMatch(/^421 4\.4\.2 /);
  await peer.ended();
  expect(running.policies.closed).toEqual(['timeout']);
  expect(running.intake.open()).toBe(0);
}

describe('the time for a message', () => {
  it('holds across chunks, however often one comes', async () => {
    const clock = createFakeClock();
    await start({ clock, listener: { dataTimeoutMs: 600_000 } });
    const peer = await sender();
    for (const text of [HEADER, 'a\r\n', 'b\r\n']) {
      expect((await chunk(peer, text)).code).toBe(250);
      await clock.advance(199_000);
    }
    await clock.advance(4_000);
    await expectTimeout(peer);
  });

  it('is no longer with other commands between the chunks', async () => {
    const clock = createFakeClock();
    await start({ clock, listener: { dataTimeoutMs: 10_000 } });
    const peer = await sender();
    expect((await chunk(peer, HEADER)).code).toBe(250);
    await clock.advance(6_000);
    expect((await peer.say('NOOP')).code).toBe(250);
    peer.raw('BDAT');
    for (let i = 0; i < 10; i += 1) await clock.settle();
    await clock.advance(5_000);
    await expectTimeout(peer);
  });

  it('goes on while the rest of a message is awaited whose first chunk was too big', async () => {
    const clock = createFakeClock();
    await start({
      clock,
      settings: { initialValues: { maxDataSize: 1 } },
      listener: { dataTimeoutMs: 10_000 },
      // Nobody could raise the limit, so the chunk is not even taken.
      handlers: { onHeadersReceived: undefined },
    });
    const peer = await sender();
    expect((await chunk(peer, 'x'.repeat(2000))).code).toBe(552);
    for (let i = 0; i < 3; i += 1) {
      await clock.advance(3_000);
      expect((await chunk(peer, 'x')).code).toBe(552);
    }
    await clock.advance(2_000);
    await expectTimeout(peer);
  });

  it('begins anew with each message, and ends with RSET', async () => {
    const clock = createFakeClock();
    const { intake } = await start({ clock, listener: { dataTimeoutMs: 10_000 } });
    const peer = await sender();
    for (let i = 0; i < 3; i += 1) {
      expect((await chunk(peer, HEADER)).code).toBe(250);
      await clock.advance(8_000);
      expect((await chunk(peer, 'a\r\n', ' LAST')).code).toBe(250);
      await peer.say('MAIL FROM:<a@there.example>');
      await peer.say('RCPT TO:<b@here.example>');
    }
    expect((await chunk(peer, HEADER)).code).toBe(250);
    await peer.say('RSET');
    await clock.advance(200_000);
    expect((await peer.say('NOOP')).code).toBe(250);
    expect(intake.messages).toHaveLength(3);
  });

  it.each(['DATA', 'BDAT'])('is not spent while a policy holds the client back (%s)', async (verb) => {
    const clock = createFakeClock();
    const policy = gate();
    const { intake } = await start({
      clock,
      listener: { dataTimeoutMs: 10_000 },
      handlers: {
        async onHeadersReceived() {
          await policy.passed;
          return undefined;
        },
      },
    });
    const peer = await sender();
    if (verb === 'DATA') await peer.say('DATA');
    peer.raw(verb === 'DATA' ? `${HEADER}a\r\n` : `BDAT ${HEADER.length}\r\n${HEADER}`);
    await untilTrue(() => asked('onHeadersReceived') === 1);
    await clock.advance(11_000);
    policy.open();
    if (verb === 'BDAT') expect((await peer.reply()).code).toBe(250);
    else for (let i = 0; i < 10; i += 1) await clock.settle();
    await clock.advance(9_000);
    expect((await (verb === 'DATA' ? peer.say('.') : chunk(peer, 'a\r\n', ' LAST'))).code).toBe(250);
    expect(intake.messages).toHaveLength(1);
  });
});

describe('the least rate of a message', () => {
  const options = { listener: { minDataRate: 500 }, handlers: { onBodyChunk: () => undefined } };

  it('ends a slow one after a while', async () => {
    const clock = createFakeClock();
    const { engine } = await start({ clock, ...options });
    const peer = await sender();
    await peer.say('DATA');
    peer.raw(HEADER);
    await untilTrue(() => asked('onHeadersReceived') === 1);
    await clock.advance(29_000);
    peer.raw(PIECE);
    await untilTrue(() => asked('onBodyChunk') === 1);
    // So many octets have 32.8 s.
    await clock.advance(3_000);
    expect(engine.sessionCount()).toBe(1);
    await clock.advance(1_000);
    await expectTimeout(peer);
  });

  it('leaves a fast one alone, however long it is', async () => {
    const clock = createFakeClock();
    const { intake } = await start({ clock, ...options });
    const peer = await sender();
    await peer.say('DATA');
    peer.raw(HEADER);
    for (let i = 1; i <= 30; i += 1) {
      peer.raw(PIECE);
      await untilTrue(() => asked('onBodyChunk') === i);
      await clock.advance(10_000);
    }
    expect((await peer.say('\r\n.')).code).toBe(250);
    expect(intake.messages).toHaveLength(1);
  });

  it('holds across chunks', async () => {
    const clock = createFakeClock();
    const { engine } = await start({ clock, ...options });
    const peer = await sender();
    expect((await chunk(peer, HEADER)).code).toBe(250);
    await clock.advance(29_000);
    expect((await chunk(peer, PIECE)).code).toBe(250);
    await clock.advance(3_000);
    expect(engine.sessionCount()).toBe(1);
    await clock.advance(1_000);
    await expectTimeout(peer);
  });

  it('does not count the time in which a policy holds the client back', async () => {
    const clock = createFakeClock();
    const policy = gate();
    const { intake } = await start({
      clock,
      ...options,
      handlers: {
        async onHeadersReceived() {
          await policy.passed;
          return undefined;
        },
      },
    });
    const peer = await sender();
    peer.raw(`BDAT ${HEADER.length}\r\n${HEADER}`);
    await untilTrue(() => asked('onHeadersReceived') === 1);
    await clock.advance(100_000);
    policy.open();
    expect((await peer.reply()).code).toBe(250);
    await clock.advance(29_000);
    expect((await chunk(peer, 'a\r\n', ' LAST')).code).toBe(250);
    expect(intake.messages).toHaveLength(1);
  });
});

describe('a first chunk that is too big', () => {
  it('is refused, and so is what follows up to LAST, and no more than that', async () => {
    const { policies, intake } = await start({ settings: { initialValues: { maxDataSize: 1 } } });
    const openSession = policies.openSession.bind(policies);
    // Where nobody can raise the limit, the size of the first chunk is proof enough.
    policies.openSession = (info) => ({ ...openSession(info), hears: () => false });
    const peer = await sender();
    expect((await chunk(peer, 'x'.repeat(1025))).lines[0]).toMatch(/^552 5\.3\.4 /);
    expect((await chunk(peer, 'hello', ' LAST')).lines[0]).toMatch(/^552 5\.3\.4 /);
    expect((await peer.say('MAIL FROM:<a@there.example>')).code).toBe(250);
    await peer.say('RCPT TO:<b@here.example>');
    expect((await chunk(peer, HEADER, ' LAST')).code).toBe(250);
    expect(intake.messages).toHaveLength(1);
  });
});

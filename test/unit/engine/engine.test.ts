import { afterEach, describe, expect, it } from 'vitest';
import { QueueError } from '../../../src/core/errors.js';
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

describe('events and their values', () => {
  it('come in order, with everything that is known', async () => {
    const { client, policies } = await start({
      handlers: { onBodyChunk: () => undefined, onMailFrom: () => ({ set: { delayDelivery: '+1h' } }) },
      // The AUTH parameter is taken where AUTH was offered.
      users: { ann: 'secret' },
      listener: { authInClear: true },
    });
    const peer = await client();
    await peer.say('EHLO Client.example');
    await peer.say('MAIL FROM:<"x y"@there.example> SIZE=77 AUTH=u+2B@there.example');
    await peer.say('RCPT TO:<b@here.example>');
    await peer.say('DATA');
    await peer.say(MESSAGE);
    expect(policies.events.map(({ event }) => event)).toEqual([
      'onConnect',
      'onEhlo',
      'onMailFrom',
      'onRcptTo',
      'onHeadersReceived',
      'onBodyChunk',
      'onDataReceived',
    ]);
    const last = policies.events.at(-1)?.values;
    expect(last).toMatchObject({
      smtpPort: running.port,
      smtpIp: '127.0.0.1',
      remoteSmtpIp: '127.0.0.1',
      remoteSmtpPort: peer.socket.localPort,
      isSSLConnection: 'no',
      ehloHost: 'Client.example',
      isESMTP: 'yes',
      authUser: '',
      mailCount: 0,
      totalMailSize: 0,
      mailFrom: '"x y"@there.example',
      mailFromLocalPart: 'x y',
      mailFromDomain: 'there.example',
      mailFromAuthUser: 'u+@there.example',
      mailFromSize: 77,
      rcptCount: 1,
    });
    const rcpt = policies.events.find(({ event }) => event === 'onRcptTo');
    expect(rcpt?.input.values).toMatchObject({
      rcptTo: 'b@here.example',
      rcptToLocalPart: 'b',
      rcptToDomain: 'here.example',
      isRcptLocal: 'yes',
      rcptCount: 0,
    });
    expect(policies.events.find(({ event }) => event === 'onBodyChunk')?.input.chunk?.toString()).toBe(
      'hello\r\n',
    );
    const { entry } = running.intake.messages[0] ?? {};
    expect((entry?.notBefore ?? 0) - (entry?.receivedAt ?? 0)).toBe(3_600_000);
    await peer.say('MAIL FROM:<>');
    expect(policies.events.at(-1)?.values).toMatchObject({ mailCount: 1, totalMailSize: 21 });
  });
});

describe('what policies may ask', () => {
  it('the whole message at its end, kept once', async () => {
    let seen = '';
    const { client, intake } = await start({
      handlers: {
        async onDataReceived({ input }) {
          const body = await input.message?.body();
          await input.message?.body();
          const octets = body?.place === 'memory' ? body.bytes.toString() : '';
          seen = `${input.message?.header().toString() ?? ''}|${octets}`;
          return undefined;
        },
      },
    });
    const peer = await client();
    await envelope(peer);
    expect((await peer.say(MESSAGE)).code).toBe(250);
    expect(seen).toBe('Subject: x\r\n\r\n|hello\r\n');
    expect(intake.messages[0]?.body).toBe('hello\r\n');
    expect(intake.open()).toBe(0);
  });

  it('not after the message is over', async () => {
    let late: (() => Promise<unknown>) | undefined;
    const { client, intake } = await start({
      handlers: {
        onDataReceived({ input }) {
          late = () => input.message?.body() ?? Promise.resolve();
          return { action: 'reject' };
        },
      },
    });
    const peer = await client();
    await envelope(peer);
    expect((await peer.say(MESSAGE)).code).toBe(554);
    await expect(late?.()).rejects.toMatchObject({ code: 'ERR_INVARIANT' });
    expect(intake.open()).toBe(0);
  });

  it('values of the settings, before any policy ran', async () => {
    const { client } = await start({ settings: { initialValues: { maxDataSize: 2 } } });
    const peer = await client();
    expect((await peer.say('EHLO x')).lines).toContain('250-SIZE 2048');
  });
});

describe('storage', () => {
  it('says 250 only when the message is on disk', async () => {
    const { client, intake } = await start();
    const disk = gate();
    intake.beforeAccept = () => disk.passed;
    const peer = await client();
    await envelope(peer);
    const before = peer.received().length;
    peer.raw(`${MESSAGE}\r\n`);
    await untilTrue(() => running.policies.events.some(({ event }) => event === 'onDataReceived'));
    expect(peer.received().length).toBe(before);
    disk.open();
    expect((await peer.reply()).code).toBe(250);
  });

  it.each([
    ['ERR_QUEUE_FULL', '452 4.3.1 '],
    ['ERR_QUEUE_WRITE', '451 4.3.0 '],
    ['ERR_QUEUE_CLOSED', '451 4.3.0 '],
  ] as const)('%s is a temporary refusal, and nothing stays behind', async (code, expected) => {
    const { client, intake } = await start();
    intake.failAccept = new QueueError(code);
    const peer = await client();
    await envelope(peer);
    const answer = await peer.say(MESSAGE);
    expect(answer.lines[0]).toContain(expected);
    expect(answer.lines[0]).toMatch(/\(ref \w+\.\d+\)$/);
    expect(intake.open()).toBe(0);
    await peer.say('MAIL FROM:<a@there.example>');
    await peer.say('RCPT TO:<b@here.example>');
    await peer.say('DATA');
    expect((await peer.say(MESSAGE)).code).toBe(250);
  });

  it('a body that cannot be written is refused at the end of the data', async () => {
    const { client, intake } = await start();
    intake.beforeWrite = () =>
      Promise.reject(new QueueError('ERR_QUEUE_WRITE', { detail: { reason: 'disk' } }));
    const peer = await client();
    await envelope(peer);
    expect((await peer.say(MESSAGE)).code).toBe(451);
    expect(intake.open()).toBe(0);
  });

  it('reads no further while the queue asks for time', async () => {
    const { client, intake } = await start({
      handlers: { onEhlo: () => ({ set: { maxDataSize: 100_000 } }) },
    });
    const disk = gate();
    let writes = 0;
    intake.beforeWrite = () => {
      writes += 1;
      return disk.passed;
    };
    const peer = await client();
    await envelope(peer);
    peer.raw(`A: b\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(300)}`);
    await untilTrue(() => writes === 1);
    peer.raw(`${`${'y'.repeat(76)}\r\n`.repeat(400_000)}`);
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toBe(1);
    expect(peer.socket.writableLength).toBeGreaterThan(0);
    disk.open();
    expect((await peer.say('.')).code).toBe(250);
  });
});

describe('ends', () => {
  it('an unfinished last line is no command', async () => {
    const { client, engine, facts } = await start();
    const peer = await client();
    peer.raw('EHLO x');
    peer.socket.end();
    await untilTrue(() => engine.sessionCount() === 0);
    expect(
      facts.some(({ name, body }) => name === 'command.answered' && 'verb' in body && body.verb === 'EHLO'),
    ).toBe(false);
  });

  it('an error inside is answered 451 and the session goes on', async () => {
    const { client } = await start({
      handlers: {
        onMailFrom({ values }) {
          if (values.mailFrom === '') throw new Error('bug');
          return undefined;
        },
      },
    });
    const peer = await client();
    await peer.say('EHLO x');
    expect((await peer.say('MAIL FROM:<>')).lines[0]).toMatch(/^451 4\.3\.0 Internal error/);
    expect((await peer.say('MAIL FROM:<a@there.example>')).code).toBe(250);
  });
});

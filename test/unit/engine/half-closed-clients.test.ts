import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { gate, turns, untilTrue } from '../../helpers/gate.js';
import type { SmtpPeer } from '../../helpers/smtp-peer.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine(options);
  return running;
};
afterEach(() => running.stop());

const ENVELOPE = 'EHLO c.test\r\nMAIL FROM:<a@there.example>\r\nRCPT TO:<b@here.example>\r\n';
const CONTENT = 'Subject: x\r\n\r\nhello\r\n';
const BY_DATA = `${ENVELOPE}DATA\r\n${CONTENT}.\r\nQUIT\r\n`;
const BY_BDAT = `${ENVELOPE}BDAT ${CONTENT.length} LAST\r\n${CONTENT}QUIT\r\n`;
const REPLIES = ['220', '250', '250', '250', '354', '250', '221'];

/** The codes of all replies: those of last lines. */
function codes(received: string): string[] {
  return [...received.matchAll(/^(\d{3}) /gm)].map(([, code = '']) => code);
}

/** Ends the client's side, and lets the server hear of it. */
async function halfClose(peer: SmtpPeer): Promise<void> {
  await new Promise<void>((resolve) => {
    peer.socket.end(resolve);
  });
  await turns(10);
}

async function expectServed(peer: SmtpPeer, expected: readonly string[] = REPLIES): Promise<void> {
  await peer.ended();
  expect(codes(peer.received())).toEqual(expected);
  expect(running.intake.messages.map(({ body }) => body)).toEqual(['hello\r\n']);
  expect(running.facts.at(-1)).toMatchObject({
    name: 'session.closed',
    body: { reason: 'quit', messages: 1 },
  });
}

/** A handler that waits until the gate is open. */
function waiting(policy: ReturnType<typeof gate>) {
  return async (): Promise<undefined> => {
    await policy.passed;
    return undefined;
  };
}

describe('a client that says everything and ends its side', () => {
  it.each([
    ['DATA', BY_DATA, REPLIES],
    ['BDAT', BY_BDAT, REPLIES.filter((code) => code !== '354')],
  ])('gets all answers, and its message is taken once (%s)', async (_, session, expected) => {
    await start();
    const peer = await running.client(false);
    peer.raw(session);
    await halfClose(peer);
    await expectServed(peer, expected);
  });

  it.each(['onConnect', 'onEhlo', 'onMailFrom', 'onHeadersReceived', 'onDataReceived'] as const)(
    'also when %s takes its time',
    async (event) => {
      const policy = gate();
      const { policies } = await start({ handlers: { [event]: waiting(policy) } });
      const peer = await running.client(false);
      peer.raw(BY_DATA);
      await untilTrue(() => policies.events.at(-1)?.event === event);
      await halfClose(peer);
      expect(policies.closed).toEqual([]);
      policy.open();
      await expectServed(peer);
    },
  );

  it('also when its last words come while a policy takes its time', async () => {
    const policy = gate();
    const { policies } = await start({ handlers: { onMailFrom: waiting(policy) } });
    const peer = await running.client();
    const cut = BY_DATA.indexOf('RCPT');
    peer.raw(BY_DATA.slice(0, cut));
    await untilTrue(() => policies.events.at(-1)?.event === 'onMailFrom');
    peer.raw(BY_DATA.slice(cut));
    await halfClose(peer);
    policy.open();
    await expectServed(peer);
  });

  it('also when the queue takes its time', async () => {
    const disk = gate();
    const { intake } = await start();
    let accepting = 0;
    intake.beforeAccept = () => {
      accepting += 1;
      return disk.passed;
    };
    const peer = await running.client(false);
    peer.raw(BY_DATA);
    await untilTrue(() => accepting === 1);
    await halfClose(peer);
    disk.open();
    await expectServed(peer);
    expect(accepting).toBe(1);
  });

  it('also over TLS', async () => {
    const policy = gate();
    const { port, policies, intake } = await start({
      tls: true,
      listener: { tls: 'implicit' },
      handlers: { onDataReceived: waiting(policy) },
    });
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    let received = '';
    let isOver = false;
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    socket.once('close', () => {
      isOver = true;
    });
    socket.end(BY_DATA, 'latin1');
    await untilTrue(() => policies.events.at(-1)?.event === 'onDataReceived');
    await turns(10);
    policy.open();
    await untilTrue(() => isOver);
    expect(codes(received)).toEqual(REPLIES);
    expect(intake.messages).toHaveLength(1);
  });
});

describe('a client that ends its side with nothing left to answer', () => {
  it('has gone, and a policy that works for it is not waited for', async () => {
    const policy = gate();
    const { policies, engine } = await start({ handlers: { onMailFrom: waiting(policy) } });
    const peer = await running.client();
    peer.raw('EHLO c.test\r\nMAIL FROM:<a@there.example>\r\n');
    await untilTrue(() => policies.events.at(-1)?.event === 'onMailFrom');
    peer.socket.end();
    await untilTrue(() => engine.sessionCount() === 0);
    expect(policies.closed).toEqual(['client']);
    policy.open();
  });

  it('is still told of a message that is being stored', async () => {
    const disk = gate();
    const { intake, policies } = await start();
    let accepting = 0;
    intake.beforeAccept = () => {
      accepting += 1;
      return disk.passed;
    };
    const peer = await running.client(false);
    peer.raw(BY_DATA.slice(0, BY_DATA.indexOf('QUIT')));
    await untilTrue(() => accepting === 1);
    await halfClose(peer);
    expect(policies.closed).toEqual([]);
    disk.open();
    await peer.ended();
    expect(codes(peer.received())).toEqual(REPLIES.slice(0, 6));
    expect(policies.closed).toEqual(['client']);
    expect(intake.messages).toHaveLength(1);
  });

  it('leaves nothing of half a message behind', async () => {
    const { intake, policies } = await start();
    const peer = await running.client();
    peer.raw(BY_DATA.slice(0, BY_DATA.indexOf('.\r\nQUIT')));
    await halfClose(peer);
    await peer.ended();
    expect(codes(peer.received())).toEqual(REPLIES.slice(0, 5));
    expect(policies.closed).toEqual(['client']);
    expect([intake.messages.length, intake.open()]).toEqual([0, 0]);
  });
});

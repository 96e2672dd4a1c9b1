import { afterEach, describe, expect, it } from 'vitest';
import { untilTrue } from '../../helpers/gate.js';
import { type EngineOptions, type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine({
    ...options,
    listener: { xclientNetworks: ['127.0.0.1'], ...options.listener },
  });
  return running;
};
afterEach(() => running.stop());

describe('XCLIENT on the wire', () => {
  it('ends one session and opens another, each with its own id, on one connection', async () => {
    const { client, engine, facts, policies } = await start();
    const peer = await client();
    expect((await peer.say('XCLIENT ADDR=192.0.2.1')).lines).toEqual(['220 mx.test ESMTP Postern']);
    expect(engine.sessionCount()).toBe(1);
    await peer.say('QUIT');
    await peer.ended();
    await untilTrue(() => engine.sessionCount() === 0);
    const told = facts.filter(({ name }) => name.startsWith('session.'));
    expect(told.map(({ name }) => name)).toEqual([
      'session.opened',
      'session.closed',
      'session.opened',
      'session.closed',
    ]);
    expect(told[2]?.body).toMatchObject({ remoteIp: '192.0.2.1' });
    const ids = told.map(({ body }) => (body as { readonly session: string }).session);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(policies.closed).toHaveLength(2);
  });

  it('runs the connect policy for the new client with its own addresses', async () => {
    const { client, policies } = await start();
    const peer = await client();
    await peer.say('XCLIENT ADDR=IPV6:2001:DB8::1 PORT=1234 DESTADDR=192.0.2.25 DESTPORT=25');
    const connects = policies.events.filter(({ event }) => event === 'onConnect');
    expect(connects).toHaveLength(2);
    expect(connects[1]?.values).toMatchObject({
      remoteSmtpIp: '2001:db8::1',
      remoteSmtpPort: 1234,
      smtpIp: '192.0.2.25',
      smtpPort: 25,
    });
  });

  it('gives the place of the relay back, and takes one for the client', async () => {
    const { client } = await start({ listener: { maxConnectionsPerAddress: 1 } });
    const first = await client();
    expect((await first.say('XCLIENT ADDR=192.0.2.1')).code).toBe(220);
    const second = await client();
    expect((await second.say('XCLIENT ADDR=192.0.2.1')).lines[0]).toMatch(/^421 4\.7\.0 /);
    await second.ended();
    const third = await client();
    expect((await third.say('XCLIENT ADDR=192.0.2.2')).code).toBe(220);
  });

  it('forgets what the policies left for the client before', async () => {
    const { client } = await start({
      handlers: {
        onConnect: ({ values }) =>
          values.remoteSmtpIp === '192.0.2.1' ? { set: { remoteDelivery: 'all' } } : undefined,
      },
    });
    const peer = await client();
    const relays = async (): Promise<number> => {
      await peer.say('EHLO x');
      await peer.say('MAIL FROM:<>');
      const { code } = await peer.say('RCPT TO:<b@there.example>');
      await peer.say('RSET');
      return code;
    };
    await peer.say('XCLIENT ADDR=192.0.2.1');
    expect(await relays()).toBe(250);
    await peer.say('XCLIENT ADDR=192.0.2.2');
    expect(await relays()).toBe(550);
  });
});

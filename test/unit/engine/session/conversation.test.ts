import { afterEach, describe, expect, it } from 'vitest';
import { type EngineOptions, type RunningEngine, startEngine } from '../../../helpers/start-engine.js';

let running: RunningEngine;
const start = async (options: EngineOptions = {}): Promise<RunningEngine> => {
  running = await startEngine(options);
  return running;
};
afterEach(() => running.stop());

describe('the reason of an end', () => {
  it.each([
    ['QUIT', 221, 'quit'],
    ['QUIT now', 421, 'error'],
  ])('of %s as the last of the errors is told', async (line, code, reason) => {
    const { client, facts, policies } = await start({ limits: { maxErrors: 0 } });
    const peer = await client();
    expect((await peer.say(line)).code).toBe(code);
    await peer.ended();
    expect(policies.closed).toEqual([reason]);
    expect(facts.at(-1)).toMatchObject({ name: 'session.closed', body: { reason } });
  });
});

describe('an EHLO amid a message that fails inside', () => {
  it('leaves the session as it was, with transaction and chunks', async () => {
    const { client, intake } = await start({
      handlers: {
        onEhlo({ values }) {
          if (values.ehloHost === 'bug.example') throw new Error('bug');
          return undefined;
        },
      },
    });
    const peer = await client();
    await peer.say('EHLO client.example');
    await peer.say('MAIL FROM:<a@there.example>');
    await peer.say('RCPT TO:<b@here.example>');
    peer.raw('BDAT 14\r\nSubject: x\r\n\r\n');
    expect((await peer.reply()).code).toBe(250);
    expect((await peer.say('EHLO bug.example')).lines[0]).toMatch(/^451 4\.3\.0 Internal error/);
    expect((await peer.say('DATA')).code).toBe(503);
    peer.raw('BDAT 7 LAST\r\nhello\r\n');
    expect((await peer.reply()).code).toBe(250);
    expect(intake.messages).toHaveLength(1);
    expect(intake.messages[0]?.header).toMatch(/^Received: from client\.example /);
    expect(intake.messages[0]?.body).toBe('hello\r\n');
  });
});

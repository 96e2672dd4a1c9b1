/**
 * Whatever a client says to AUTH, XCLIENT and XFORWARD: each line gets one answer, nobody is logged
 * in by chance, and the engine serves the next client.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { startEngine } from '../helpers/start-engine.js';

const started = startEngine({
  users: { ann: 'secret', tim: '{PLAIN}tanstaaf' },
  listener: {
    authInClear: true,
    xclientNetworks: ['127.0.0.1'],
    maxConnectionsPerAddress: 1000,
  },
  limits: { maxErrors: 1000 },
});
afterAll(async () => {
  await (await started).stop();
});

/** Octets, of UTF-8 or not, in one line. */
const noise = fc
  .oneof(
    fc.uint8Array({ maxLength: 80 }).map((octets) => Buffer.from(octets)),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
  )
  .map((octets) => octets.toString('latin1').replace(/[\r\n]/g, ''));
const response = fc.oneof(
  noise,
  fc.base64String({ maxLength: 80 }),
  fc.constantFrom('', '*', '=', 'A'.repeat(13_000), Buffer.from('tim 0').toString('base64')),
);
const authLine = fc
  .tuple(fc.constantFrom('AUTH PLAIN', 'AUTH LOGIN', 'AUTH CRAM-MD5', 'auth', 'AUTH '), response)
  .map(([command, rest]) => `${command} ${rest}`);
/** A response that is a guess would make the next one wait for a second of real time. */
const isGuess = /^auth +(?:plain|login) +[A-Za-z0-9+/=]{8}/i;
const line = fc.oneof(
  response.filter((text) => text.length < 8 || text.length > 1000 || /[^A-Za-z0-9+/=]/.test(text)),
  authLine.filter((text) => !isGuess.test(text)),
  fc.constantFrom('AUTH PLAIN', 'AUTH LOGIN', 'AUTH CRAM-MD5', 'EHLO x', 'MAIL FROM:<>', 'RSET'),
);

const attribute = fc
  .tuple(fc.constantFrom('ADDR', 'PORT', 'NAME', 'HELO', 'PROTO', 'DESTADDR', 'IDENT', ''), noise)
  .map(([name, value]) => `${name}=${value}`);
const told = fc.constantFrom(
  'ADDR=192.0.2.1',
  'ADDR=IPV6:2001:db8::1',
  'ADDR=[UNAVAILABLE]',
  'PORT=1',
  'NAME=[TEMPUNAVAIL]',
  'HELO=a+3Db',
  'PROTO=SMTP',
  'LOGIN=',
);
const relayLine = fc
  .tuple(fc.constantFrom('XCLIENT', 'XFORWARD'), fc.array(fc.oneof(attribute, told), { maxLength: 4 }))
  .map(([verb, attributes]) => `${verb} ${attributes.join(' ')}`);

describe('sessions of clients that log in, or speak for others', () => {
  it('answer every line once and let nobody in by chance', async () => {
    const engine = await started;
    const lines = fc.array(fc.oneof(line, relayLine, fc.constant('EHLO x')), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, async (said) => {
        const peer = await engine.client();
        await peer.say('EHLO x');
        for (const text of said) expect((await peer.say(text)).code).not.toBe(235);
        peer.destroy();
      }),
      { numRuns: 100 },
    );
    expect(engine.facts.filter(({ name }) => name === 'auth.succeeded')).toEqual([]);
    const next = await engine.client();
    expect((await next.say('EHLO next.example')).code).toBe(250);
    expect((await next.say('QUIT')).code).toBe(221);
  });
});

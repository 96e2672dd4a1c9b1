/** A client that we did not write logs in, and speaks for another client. */
import { afterEach, describe, expect, it } from 'vitest';
import { requireProgram } from '../helpers/real-parts.js';
import { type RunningEngine, startEngine } from '../helpers/start-engine.js';
import { swaks } from '../helpers/swaks.js';

const SWAKS = requireProgram('swaks', 'swaks');

let running: RunningEngine;
afterEach(() => running.stop());

async function sends(...args: string[]): Promise<string> {
  running = await startEngine({
    users: { ann: 'secret', tim: '{PLAIN}tanstaaf' },
    listener: { authInClear: true, xclientNetworks: ['127.0.0.1'] },
  });
  const message = { port: running.port, from: 'ann@here.example', to: 'b@there.example', args };
  const { status, out } = await swaks(SWAKS ?? 'swaks', message);
  expect(status, out).toBe(0);
  expect(running.intake.messages).toHaveLength(1);
  return out;
}

describe.skipIf(SWAKS === undefined)('swaks', () => {
  it.each([
    ['PLAIN', 'ann', 'secret'],
    ['LOGIN', 'ann', 'secret'],
    ['CRAM-MD5', 'tim', 'tanstaaf'],
  ])('logs in by %s and relays', async (mechanism, user, password) => {
    const out = await sends('--auth', mechanism, '--auth-user', user, '--auth-password', password);
    expect(out).toContain('235 2.7.0');
  });

  it('speaks for a client that has logged in elsewhere', async () => {
    await sends('--xclient-addr', '192.0.2.1', '--xclient-helo', 'client.example', '--xclient-login', 'ann');
    expect(running.intake.messages[0]?.header).toMatch(
      /^Received: from client\.example \(\[192\.0\.2\.1\]\)/,
    );
  });
});

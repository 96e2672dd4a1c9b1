/**
 * What engine/listener/connection.ts relies on inside smtp-server 3.21.6.
 *
 * The members are private, so an upgrade may move them without notice. Then this file fails in
 * seconds and names the member, before anything subtle does.
 */
import { createRequire } from 'node:module';
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { afterAll, describe, expect, it } from 'vitest';
import { startEngine } from '../helpers/start-engine.js';

const packageJson = createRequire(import.meta.url)('smtp-server/package.json') as { version: string };

describe('the seam to smtp-server', () => {
  it('is pinned to the release it was written for', () => {
    expect(packageJson.version).toBe('3.21.6');
  });

  it.each(['init', 'send', 'close', '_createParser', '_armTimeout', '_onError', '_onClose'])(
    'SMTPConnection.prototype.%s is a method',
    (name) => {
      expect(typeof Reflect.get(SMTPConnection.prototype, name)).toBe('function');
    },
  );

  it.each(['connect', '_handleProxy'])('SMTPServer.prototype.%s is a method', (name) => {
    expect(typeof Reflect.get(SMTPServer.prototype, name)).toBe('function');
  });

  it('the library begins and ends connections as the subclass expects', () => {
    const source = SMTPConnection.toString();
    expect(source).toContain('this._parser = this._createParser()');
    // Of the parser it wants nothing else, as long as nothing is piped into it.
    expect(source).toContain('this._socket.unpipe(this._parser)');
    expect(source).toContain('this._parser.isClosed = true');
    expect(SMTPServer.toString()).toContain('this.connect(socket, socketOptions)');
    expect(SMTPServer.toString()).toContain('this._handleProxy(socket, ');
  });
});

describe('the seam at work', () => {
  const started = startEngine();
  afterAll(async () => {
    await (await started).stop();
  });

  it('greets at once: the fixed wait of the library is gone', async () => {
    const engine = await started;
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const before = performance.now();
      await engine.client();
      times.push(performance.now() - before);
    }
    // The library's timer is 100 ms; the fastest of five tells, whatever else the machine does.
    expect(Math.min(...times)).toBeLessThan(90);
  });

  it('never lets the library speak for itself', async () => {
    const engine = await started;
    const peer = await engine.client();
    for (const line of ['WIZ', 'SHELL', 'KILL', 'XCLIENT ADDR=1.2.3.4', 'AUTH LOGIN', 'STARTTLS', '']) {
      expect((await peer.say(line)).lines[0]).toMatch(/^5\d\d 5\.\d\.\d .* \(ref /);
    }
  });
});

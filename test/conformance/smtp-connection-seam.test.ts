/**
 * What delivery/smtp/client.ts relies on inside nodemailer 10.6.0.
 *
 * The members are private, so an upgrade may move them without notice. Then this file fails in
 * seconds and names the member, before anything subtle does.
 */
import { createRequire } from 'node:module';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { describe, expect, it } from 'vitest';

const packageJson = createRequire(import.meta.url)('nodemailer/package.json') as { version: string };

describe('the seam to smtp-connection', () => {
  it('is pinned to the release it was written for', () => {
    expect(packageJson.version).toBe('10.6.0');
  });

  it.each([
    ['_responseActions', []],
    ['_responseQueue', []],
    ['_remainder', ''],
    ['_socket', false],
  ])('a connection begins with %s', (name, value) => {
    expect(Reflect.get(new SMTPConnection({}), name)).toEqual(value);
  });

  it('the library takes replies and sends commands as the subclass expects', () => {
    const source = SMTPConnection.toString();
    expect(source).toContain('_sendCommand(str, logStr)');
    expect(source).toContain('const action = this._responseActions.shift()');
    expect(source).toContain('this._responseQueue.push(lines[i])');
    expect(source).toContain('this._remainder = lines.pop()');
    expect(source).toContain('this._ehloLines = str');
    expect(source).toContain('this.upgrading = true');
    expect(source).toContain('this._socket = this.options.connection');
    // Whatever ends a connection is told as 'error', as 'end', or both.
    expect(source).toContain("this.emit('error', err);\n        this.close();");
    expect(source).toContain('this._destroyed = true;');
    expect(source).toContain("this.emit('end')");
  });
});

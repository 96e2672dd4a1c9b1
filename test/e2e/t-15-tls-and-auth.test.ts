/**
 * Encryption and logins as clients see them: STARTTLS, implicit TLS, the certificate of the name
 * asked for, certificates and users that change while the server runs.
 */
import { once } from 'node:events';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { greetedPeer } from '../helpers/greeted-peer.js';
import { firstMailFor, splitMessage } from '../helpers/maildir.js';
import { runProgram } from '../helpers/postern-command.js';
import { requireProgram } from '../helpers/real-parts.js';
import { type SecureProject, secureProject } from '../helpers/secure-project.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { requireTlsSwaks, swaks } from '../helpers/swaks.js';
import { tempFolder } from '../helpers/temp-folder.js';

const SWAKS = requireTlsSwaks();
const OPENSSL = requireProgram('openssl', 'openssl');

const LISTENERS = 'listeners: [{kind: submission, port: 0}, {kind: submissions, port: 0}]';
const HOSTS = '[{name: mail.example.net, certificate: net.pem, key: net.key}]';

async function start(hosts?: string): Promise<{ project: SecureProject; postern: RunningPostern }> {
  const project = await secureProject(LISTENERS, hosts);
  if (hosts !== undefined) project.writePair('net', { names: ['mail.example.net'] });
  return { project, postern: await startPostern({ cwd: project.folder }) };
}

interface Login {
  readonly user?: string;
  readonly pass?: string;
  readonly method?: string;
}

/** Sends to b@example.com with nodemailer; rejects with the reply in the error. */
async function send(port: number | undefined, secure: boolean, login: Login = {}): Promise<unknown> {
  const { user = 'ann', pass = 'right', method } = login;
  const transport = createTransport({
    host: '127.0.0.1',
    port: port ?? 0,
    secure,
    requireTLS: !secure,
    tls: { rejectUnauthorized: false },
    auth: { user, pass },
    ...(method === undefined ? {} : { authMethod: method }),
  });
  return await transport.sendMail({ from: 'ann@example.com', to: 'b@example.com', text: 'hello' });
}

/** A TLS connection to a listener with implicit TLS; it ends with the test. */
async function secured(port: number | undefined, servername = ''): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: port ?? 0, servername, rejectUnauthorized: false });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function certificateOf(
  port: number | undefined,
  servername?: string,
): Promise<DetailedPeerCertificate> {
  return (await secured(port, servername)).getPeerCertificate(true);
}

describe('a login over TLS', () => {
  it('takes mail by STARTTLS and over implicit TLS, and records both facts', async () => {
    const { postern } = await start();
    await send(postern.ports['submission'], false);
    const { fields } = splitMessage(await firstMailFor(postern.mail, 'b@example.com'));
    expect(fields.find((field) => field.startsWith('Received: '))).toMatch(/ with ESMTPSA /);
    await send(postern.ports['submissions'], true);
    await send(postern.ports['submissions'], true, { method: 'LOGIN' });
    await postern.logged(/user logged in .*remoteIp="127\.0\.0\.1" .*mechanism="LOGIN" .*user="ann"/);
  });

  it.skipIf(SWAKS === undefined)('works with swaks, also by CRAM-MD5', async () => {
    const { project, postern } = await start();
    await project.user(['add', 'printer', '--plain', '--stdin'], 'ink');
    await postern.logged(/users loaded .*users=2/);
    const to = 'b@example.com';
    const logins = [
      ['submission', '--tls', 'PLAIN', 'ann', 'right'],
      ['submission', '--tls', 'LOGIN', 'ann', 'right'],
      ['submissions', '--tls-on-connect', 'CRAM-MD5', 'printer', 'ink'],
    ] as const;
    for (const [name, tls, method, user, password] of logins) {
      const args = [tls, '--auth', method, '--auth-user', user, '--auth-password', password];
      const sent = await swaks(SWAKS ?? '', {
        port: postern.ports[name] ?? 0,
        from: 'a@example.com',
        to,
        args,
      });
      expect(sent.status, sent.out).toBe(0);
    }
  });

  it('is the only way to send: nothing before TLS, nothing before the login', async () => {
    const { postern } = await start();
    const peer = await greetedPeer(postern);
    expect(peer.received()).toContain('STARTTLS');
    expect(peer.received()).not.toContain('AUTH');
    expect((await peer.say('MAIL FROM:<a@example.com>')).lines).toEqual([
      expect.stringMatching(/^530 5\.7\.0 .*STARTTLS/),
    ]);
    expect((await peer.say('AUTH PLAIN AGFubgByaWdodA==')).code).toBe(530);
    const socket = await secured(postern.ports['submissions']);
    socket.write('EHLO c.test\r\nMAIL FROM:<a@example.com>\r\n');
    let heard = '';
    for await (const chunk of socket) {
      heard += String(chunk);
      if (/^530 /m.test(heard)) break;
    }
    expect(heard).toMatch(/^250[ -]AUTH PLAIN LOGIN\r$/m);
    expect(heard).not.toContain('STARTTLS');
    expect(heard).toMatch(/^530 5\.7\.0 Authentication required/m);
  });

  it('with a wrong password is refused, and the log says from where', async () => {
    const { postern } = await start();
    await expect(send(postern.port, false, { pass: 'wrong' })).rejects.toThrow(/535 5\.7\.8/);
    await postern.logged(/login failed .*remoteIp="127\.0\.0\.1" .*user="ann" .*reason="wrong"/);
  });
});

describe('users that change while the server runs', () => {
  it('can log in as soon as they are added, and no more when they are removed', async () => {
    const { project, postern } = await start();
    await project.user(['add', 'eve', '--stdin'], 'secret');
    await postern.logged(/users loaded .*users=2/);
    await send(postern.port, false, { user: 'eve', pass: 'secret' });
    const before = postern.log().length;
    await project.user(['remove', 'eve']);
    await postern.logged(/users loaded .*users=1/, before);
    await expect(send(postern.port, false, { user: 'eve', pass: 'secret' })).rejects.toThrow(/535/);
    await send(postern.port, false);
  });
});

describe('the certificate', () => {
  it('is that of the name asked for, or else the default', async () => {
    const { postern } = await start(HOSTS);
    const port = postern.ports['submissions'];
    expect((await certificateOf(port, 'mail.example.net')).subject.CN).toBe('mail.example.net');
    expect((await certificateOf(port, 'mx.example.com')).subject.CN).toBe('mx.example.com');
    expect((await certificateOf(port)).subject.CN).toBe('mx.example.com');
  });

  it.skipIf(OPENSSL === undefined)('is so for openssl by STARTTLS, from TLS 1.2 on', async () => {
    const { postern } = await start(HOSTS);
    const sClient = (...words: readonly string[]) =>
      runProgram(
        OPENSSL ?? '',
        ['s_client', '-connect', `127.0.0.1:${postern.port}`, '-starttls', 'smtp', ...words],
        { cwd: tempFolder(), input: 'QUIT\r\n' },
      );
    expect((await sClient('-servername', 'mail.example.net')).out).toMatch(/^subject=.*mail\.example\.net/m);
    expect((await sClient('-noservername')).out).toMatch(/^subject=.*mx\.example\.com/m);
    expect((await sClient('-tls1_2')).out).toContain('Cipher is ECDHE');
    const old = await sClient('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0');
    expect(`${old.out}${old.err}`).toMatch(/Cipher is \(NONE\)|unsupported protocol|unknown option/i);
    await send(postern.port, false);
  });

  it('is the new one for new connections when the files are replaced', async () => {
    const { project, postern } = await start();
    const port = postern.ports['submissions'];
    const open = await secured(port);
    const first = (await certificateOf(port)).fingerprint256;
    project.writePair('mx', { names: ['mx.example.com', 'new.example.com'] });
    // Found by looking at the files now and then, without a signal.
    await eventually('the new certificate', async () => (await certificateOf(port)).fingerprint256 !== first);
    expect((await certificateOf(port)).subjectaltname).toContain('new.example.com');
    // The connection from before goes on with the old one.
    open.resume().write('QUIT\r\n');
    await once(open, 'close');

    const second = (await certificateOf(port)).fingerprint256;
    const before = postern.log().length;
    project.write('mx.pem', 'nothing of use\n');
    postern.signal('SIGHUP');
    await postern.logged(/changed certificate files cannot be used/, before);
    expect((await certificateOf(port)).fingerprint256).toBe(second);
    project.writePair('mx', { names: ['third.example.com'] });
    postern.signal('SIGHUP');
    await eventually('the third', async () => (await certificateOf(port)).subject.CN === 'third.example.com');
  });
});

it('a handshake that fails ends that connection only', async () => {
  const { postern } = await start();
  const peer = await greetedPeer(postern);
  expect((await peer.say('STARTTLS')).code).toBe(220);
  peer.raw('this is no handshake\r\n');
  await peer.ended();
  await send(postern.port, false);
});

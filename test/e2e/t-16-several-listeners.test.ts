/**
 * A complete front-end: a listener for other servers, two for users, one for LMTP, each with the
 * defaults of its kind; and what is refused before anything is opened.
 */
import { chmodSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../helpers/certificates.js';
import { firstMailFor } from '../helpers/maildir.js';
import { runPostern } from '../helpers/postern-command.js';
import { requireProgram } from '../helpers/real-parts.js';
import { secureProject } from '../helpers/secure-project.js';
import { connectPeer, type SmtpPeer } from '../helpers/smtp-peer.js';
import { type RunningPostern, spawnPostern, startPostern } from '../helpers/start-postern.js';
import { swaks } from '../helpers/swaks.js';
import { tempProject } from '../helpers/temp-project.js';

const SWAKS = requireProgram('swaks', 'swaks');

const FRONT_END = `
listeners:
  - port: 0
  - {kind: submission, port: 0}
  - {kind: submissions, port: 0}
  - {kind: lmtp, port: 0}`;

async function startFrontEnd(): Promise<RunningPostern> {
  const project = await secureProject(FRONT_END);
  return await startPostern({ cwd: project.folder });
}

async function hello(port: number | undefined, verb: string): Promise<{ peer: SmtpPeer; said: string }> {
  const peer = await connectPeer(port ?? 0);
  await peer.reply();
  const { lines } = await peer.say(`${verb} c.test`);
  return { peer, said: lines.join('\n') };
}

describe('four listeners at once', () => {
  it('are named by their kinds in the start message', async () => {
    const postern = await startFrontEnd();
    const { smtp, submission, submissions, lmtp } = postern.ports;
    expect(postern.banner()).toContain(
      [
        `  SMTP      127.0.0.1:${smtp}  (smtp)  mx, STARTTLS, AUTH over TLS`,
        `            127.0.0.1:${submission}  (submission)  submission, STARTTLS required, AUTH required`,
        `            127.0.0.1:${submissions}  (submissions)  submissions, TLS from the start, AUTH required`,
        `            127.0.0.1:${lmtp}  (lmtp)  lmtp, no TLS, no AUTH`,
        '',
      ].join('\n'),
    );
  });

  it('each speak as their kind asks', async () => {
    const { ports } = await startFrontEnd();
    const mx = await hello(ports['smtp'], 'EHLO');
    expect(mx.said).toMatch(/^250[ -]STARTTLS$/m);
    expect(mx.said).not.toMatch(/AUTH/);
    expect((await mx.peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
    const submission = await hello(ports['submission'], 'EHLO');
    expect((await submission.peer.say('MAIL FROM:<a@example.org>')).code).toBe(530);
    const lmtp = await hello(ports['lmtp'], 'LHLO');
    expect(lmtp.said).not.toMatch(/STARTTLS|AUTH/);
    expect((await lmtp.peer.say('MAIL FROM:<a@example.org>')).code).toBe(250);
    const wrong = await hello(ports['lmtp'], 'EHLO');
    expect(wrong.said).toMatch(/^5/);
    for (const { peer } of [mx, submission, lmtp, wrong]) peer.destroy();
  });

  it('all bring mail into the same Maildirs', async () => {
    const { ports, mail } = await startFrontEnd();
    const login = { tls: { rejectUnauthorized: false }, auth: { user: 'ann', pass: 'right' } };
    const ways = [
      ['smtp', { secure: false, tls: { rejectUnauthorized: false } }],
      ['submission', { secure: false, requireTLS: true, ...login }],
      ['submissions', { secure: true, ...login }],
      ['lmtp', { secure: false, lmtp: true }],
    ] as const;
    for (const [name, options] of ways) {
      const transport = createTransport({ host: '127.0.0.1', port: ports[name] ?? 0, ...options });
      await transport.sendMail({ from: 'a@example.org', to: `${name}@example.com`, text: name });
      expect(await firstMailFor(mail, `${name}@example.com`)).toContain(name);
    }
  });

  it.skipIf(SWAKS === undefined)('take LMTP from swaks, with a reply for each recipient', async () => {
    const { ports, mail } = await startFrontEnd();
    const sent = await swaks(SWAKS ?? '', {
      port: ports['lmtp'] ?? 0,
      from: 'a@example.org',
      to: 'x@example.com,y@example.com',
      args: ['--protocol', 'LMTP'],
    });
    expect(sent.status, sent.out).toBe(0);
    await firstMailFor(mail, 'x@example.com');
    await firstMailFor(mail, 'y@example.com');
  });
});

describe('a start is refused', () => {
  it('for a listener that has not what it demands, with its line', async () => {
    const project = tempProject({ 'postern.yaml': 'listeners:\n  - port: 0\n  - kind: submissions\n' });
    const failed = spawnPostern({ cwd: project.folder });
    expect(await failed.ended()).toMatchObject({ status: 1 });
    expect(failed.log()).toMatch(/postern\.yaml:3: listeners\[1\]\.kind: .*needs tls\.certificate/);
    expect(failed.log()).toMatch(/postern\.yaml:3: listeners\[1\]\.kind: .*postern user add/);
  });

  it('for a certificate whose key is another one', async () => {
    const project = await secureProject(FRONT_END);
    project.write('mx.key', makeCertificate().key);
    const failed = spawnPostern({ cwd: project.folder, settings: { workers: '0' } });
    expect(await failed.ended()).toMatchObject({ status: 1 });
    expect(failed.log()).toMatch(/mx\.pem: the key does not belong to the certificate\n.*postern check/);
  });

  it('for a users file that is not there, with what to do', async () => {
    const project = tempProject({ 'postern.yaml': 'auth: {usersFile: users}\n' });
    const failed = spawnPostern({ cwd: project.folder, settings: { workers: '0' } });
    expect(await failed.ended()).toMatchObject({ status: 1 });
    expect(failed.log()).toMatch(/the users file \S+users cannot be used: .*\n.*postern user add/);
  });
});

describe('what the configuration leaves out', () => {
  it('is told: TLS without a certificate', async () => {
    const postern = await startPostern({ cwd: tempProject().folder });
    await postern.logged(/tls\.certificate is not set; TLS is not offered .*listeners="smtp"/);
  });

  it('postern check finds users that cannot log in, and files open to others', async () => {
    const project = await secureProject('listeners: [{port: 0, tls: never}]\nmetrics: {port: 0}');
    chmodSync(project.path('users'), 0o644);
    const { out } = await runPostern(['check', '--set', 'dns.timeout=50ms'], { cwd: project.folder });
    expect(out).toMatch(/^users +warning: \S+users is open to every user/m);
    expect(out).toMatch(/no listener offers AUTH/);
    expect(out).toMatch(/^listeners +ok$/m);
  });

  it('config explain names the kind behind a default', async () => {
    const project = await secureProject(FRONT_END);
    const { out } = await runPostern(['config', 'explain', 'listeners[3]'], { cwd: project.folder });
    expect(out).toMatch(/^listeners\[3\]\.tls +never +default \(kind: lmtp\)$/m);
    expect(out).toMatch(/^listeners\[3\]\.port +0 +postern\.yaml:\d+$/m);
  });
});

/**
 * What a newcomer sees in the first minute: the start message, and the demonstration that sends
 * two messages and says why each got its answer.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstMailFor, splitMessage } from '../helpers/maildir.js';
import { runPostern } from '../helpers/postern-command.js';
import { freePort, type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { policyText, ROOT, tempProject, type TempProject } from '../helpers/temp-project.js';

/** The checkout's settings and policies in a folder of their own. */
function copiedProject(): TempProject {
  const project = tempProject();
  for (const name of ['postern.yaml', 'policies']) {
    cpSync(join(ROOT, name), project.path(name), { recursive: true });
  }
  return project;
}

/** Commands find the server by the same settings, so the port is told to both. */
async function startCopy(): Promise<{ project: TempProject; postern: RunningPostern; port: string }> {
  const project = copiedProject();
  const port = String(await freePort());
  const postern = await startPostern({ cwd: project.folder, settings: { 'listeners[0].port': port } });
  return { project, postern, port };
}

describe('the start message', () => {
  it('tells ports, where mail goes, the policies with their events, and how to send', async () => {
    const { postern, port } = await startCopy();
    expect(postern.banner().split('\n')).toEqual([
      expect.stringMatching(/^Postern \d+\.\d+\.\d+ is ready after \d+\.\d s\.$/),
      '',
      `  SMTP      127.0.0.1:${port}  (smtp)  mx, no TLS, no AUTH`,
      '  mail for  localhost, example.com, example.org, example.net, example.test',
      '            -> var/mail/<domain>/<user>/Maildir',
      '  others    refused; nothing leaves this machine (outbound: none)',
      '  policies  received-from  (policies/10-received-from.ts): onHeadersReceived',
      '            blocked-senders  (policies/20-blocked-senders.ts): onMailFrom',
      '            dnsbl  (policies/30-dnsbl.ts): onConnect',
      '  built in  internal:spf-fail: onMailFrom, onRcptTo, onHeadersReceived, onBodyChunk, onDataReceived',
      '  settings  postern.yaml',
      `  metrics   http://127.0.0.1:${postern.metricsPort}/metrics`,
      '',
      'Send a first message, in another terminal:',
      '  npm run demo          (in a project that uses Postern: npx postern demo)',
      `  swaks --server 127.0.0.1:${port} --from me@example.org --to you@example.com`,
      'Each refusal ends in (ref <id>); why it happened: npx postern explain <id>',
      '',
      '',
    ]);
  });

  it('says so when there is no policy and no configuration file', async () => {
    const postern = await startPostern({
      cwd: tempProject().folder,
      settings: { 'metrics.enabled': 'false' },
    });
    expect(postern.banner()).toMatch(/^ {2}policies {2}none; write one into/m);
    expect(postern.banner()).toMatch(/^ {2}settings {2}defaults \(no postern\.yaml here\)$/m);
    expect(postern.banner()).not.toContain('metrics');
  });
});

describe('postern demo', () => {
  it('shows two dialogues and the traces that explain them, and delivers one message', async () => {
    const { project, postern, port } = await startCopy();
    const { status, out, err } = await runPostern(['demo', '--port', port], { cwd: project.folder });
    expect(err).toBe('');
    expect(status).toBe(0);
    const [accepted = '', refused = ''] = out.split('A message from a sender whom');
    expect(accepted).toMatch(/^ {2}S: 220 /m);
    expect(accepted).toMatch(/^ {2}C: MAIL FROM:<demo@localhost>$/m);
    expect(accepted).toMatch(/^ {2}C: Subject: A first message through Postern$/m);
    expect(accepted).toMatch(/^ {2}S: 250 2\.0\.0 Ok: queued as (\S+)$/m);
    expect(accepted).toMatch(/^Accepted\. Why \(postern explain \S+\):$/m);
    expect(accepted).toMatch(/engine: queued .*<== this is the step you asked for/);
    expect(refused).toMatch(/^ {2}S: 550 5\.7\.1 Mail from blocked\.test is not accepted here \(ref \S+\)$/m);
    expect(refused).toMatch(
      /onMailFrom {2}reject, decided by blocked-senders .*<== this is the step you asked for/,
    );
    expect(refused).toContain(`The accepted one lies below ${join(project.folder, 'var', 'mail')}.`);
    const { fields } = splitMessage(await firstMailFor(postern.mail, 'you@example.com'));
    expect(fields).toContain('X-Postern-Client: 127.0.0.1 (demo.localhost)');
  });

  it('sends one message from and to whom it is told', async () => {
    const { project, postern, port } = await startCopy();
    const words = ['demo', '--port', port, '--from', 'a@example.org', '--to', 'b@example.net'];
    const { status, out } = await runPostern(words, { cwd: project.folder });
    expect(status).toBe(0);
    expect(out.match(/MAIL FROM/g)).toHaveLength(1);
    await firstMailFor(postern.mail, 'b@example.net');
  });

  it('tells the verdict also when the connection itself is refused', async () => {
    const project = tempProject({
      'policies/closed.ts': policyText('closed', `onConnect(ctx) { ctx.smtpAction = 'reject'; },`),
    });
    const port = String(await freePort());
    await startPostern({ cwd: project.folder, settings: { 'listeners[0].port': port } });
    const { out } = await runPostern(['demo', '--port', port], { cwd: project.folder });
    expect(out).toMatch(/^ {2}S: 554 .*\(ref \S+\)$/m);
    expect(out).toContain('onConnect  reject, decided by closed');
  });

  it('without a server ends with 1 and says what to start', async () => {
    const port = String(await freePort());
    const { status, err } = await runPostern(['demo', '--port', port], { cwd: copiedProject().folder });
    expect(err).toContain(`postern: no conversation with 127.0.0.1:${port}: `);
    expect(err).toContain('what to do: Start the server first, in another terminal: npm start');
    expect(status).toBe(1);
  });
});

/**
 * One message for three local domains: a Maildir, another server by LMTP, another by SMTP. What
 * one of them does not take has no effect on the others, and nobody gets it twice.
 */
import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { firstMailFor, mailFor, splitMessage } from '../helpers/maildir.js';
import { startNextHop } from '../helpers/next-hop-peer.js';
import { runPostern } from '../helpers/postern-command.js';
import { requireProgram } from '../helpers/real-parts.js';
import { connectPeer } from '../helpers/smtp-peer.js';
import { startSmtpSink } from '../helpers/smtp-sink.js';
import { startPostern } from '../helpers/start-postern.js';
import { tempProject } from '../helpers/temp-project.js';

const SINK = requireProgram('smtp-sink', 'postfix');

function configuration(routes: Readonly<Record<string, string>>): string {
  return [
    'hostname: mx.postern.test',
    'localDomains: [box.test, lmtp.test, smtp.test]',
    'dns: {servers: ["127.0.0.1:9"], timeout: 100ms}',
    'queue: {firstRetry: 1s}',
    'delivery:',
    '  routes:',
    ...Object.entries(routes).map(([domain, to]) => `    - {domains: [${domain}], to: "${to}"}`),
    '',
  ].join('\n');
}

/** Sends one message, all commands and the data after one another. */
async function submit(port: number, recipients: readonly string[], content: string): Promise<void> {
  const peer = await connectPeer(port);
  await peer.reply();
  await peer.say('EHLO client.test');
  await peer.say('MAIL FROM:<a@sender.test> BODY=8BITMIME');
  for (const recipient of recipients) await peer.say(`RCPT TO:<${recipient}>`);
  await peer.say('DATA');
  await peer.say(`${content}.`);
  await peer.say('QUIT');
  peer.destroy();
}

const CONTENT = 'Subject: three ways\r\nFrom: <a@sender.test>\r\n\r\n..\r\n..dot\r\ngr\u00fc\u00dfe\r\n';
const BODY = '.\n.dot\ngr\u00fc\u00dfe\n';

describe('delivery by routes', () => {
  it.skipIf(SINK === undefined)('brings each recipient where its domain goes', async () => {
    const lmtp = await startSmtpSink(SINK ?? '', { protocol: 'lmtp' });
    const smtp = await startSmtpSink(SINK ?? '', { protocol: 'smtp' });
    const text = configuration({ 'lmtp.test': lmtp.url, 'smtp.test': smtp.url });
    const project = tempProject({ 'postern.yaml': text });
    const checked = await runPostern(['check', '--set', 'metrics.port=0', '--set', 'listeners[0].port=0'], {
      cwd: project.folder,
    });
    expect(checked.out).toMatch(/^next hops +ok$/m);
    const postern = await startPostern({ cwd: project.folder });
    expect(postern.banner()).toContain(`lmtp.test -> ${lmtp.url}`);
    await submit(postern.port, ['u@box.test', 'u@lmtp.test', 'v@lmtp.test', 'u@smtp.test'], CONTENT);
    for (const [sink, domain] of [
      [lmtp, 'lmtp.test'],
      [smtp, 'smtp.test'],
    ] as const) {
      await eventually(`mail at ${sink.url}`, () => sink.messages().length === 1, { about: postern.log });
      const [message] = sink.messages();
      expect(message?.mail).toMatch(/<a@sender\.test>/);
      expect(message?.recipients[0]).toBe(`<u@${domain}>`);
      expect(message?.content).not.toMatch(/^Return-Path:/m);
      expect(splitMessage(message?.content ?? '').body).toBe(BODY);
    }
    const stored = splitMessage(await firstMailFor(postern.mail, 'u@box.test'));
    expect(stored.fields[0]).toBe('Return-Path: <a@sender.test>');
    expect(stored.body).toBe(BODY);
    await postern.logged(new RegExp(`delivered.*u@smtp\\.test.*${smtp.url}`));
    await postern.stop();
  });

  it('tries again only where it failed, once the next hop is there', async () => {
    const lmtp = await startNextHop({
      protocol: 'lmtp',
      answers: { END: ({ before }) => (before === 1 ? '452 4.2.2 full' : '250 2.1.5 saved') },
    });
    const smtp = await startNextHop({
      answers: { GREETING: ({ connection }) => (connection > 1 ? '220 hi' : 'close') },
    });
    const text = configuration({ 'lmtp.test': lmtp.url, 'smtp.test': smtp.url });
    const postern = await startPostern({ cwd: tempProject({ 'postern.yaml': text }).folder });
    await submit(postern.port, ['u@box.test', 'u@lmtp.test', 'v@lmtp.test', 'u@smtp.test'], CONTENT);
    await eventually(
      'both next hops to have it',
      () => smtp.messages().length > 0 && lmtp.messages().length > 1,
      {
        about: postern.log,
      },
    );
    await postern.logged(/delivered.*u@smtp\.test/);
    await postern.logged(/delivered.*v@lmtp\.test/);
    expect(mailFor(postern.mail, 'u@box.test')).toHaveLength(1);
    expect(smtp.messages()).toHaveLength(1);
    const rcpts = lmtp.commands().filter((line) => line.startsWith('RCPT'));
    expect(rcpts).toEqual(['u', 'v', 'v'].map((user) => `RCPT TO:<${user}@lmtp.test>`));
    expect(postern.log()).toMatch(/deferred.*452 4\.2\.2 full/);
    await postern.stop();
  });

  it('says what to do about a next hop that is not there', async () => {
    const hop = await startNextHop();
    await hop.stop();
    const project = tempProject({ 'postern.yaml': configuration({ 'smtp.test': hop.url }) });
    const { out, status } = await runPostern(
      ['check', '--set', 'metrics.port=0', '--set', 'listeners[0].port=0'],
      {
        cwd: project.folder,
      },
    );
    expect(out).toMatch(
      new RegExp(`next hops +warning: delivery\\.routes\\[0\\]: ${hop.url} cannot be used now: connect`),
    );
    expect(status).toBe(0);
  });
});

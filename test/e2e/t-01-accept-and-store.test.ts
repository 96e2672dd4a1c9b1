/**
 * A message sent with swaks, and one with nodemailer, pass the sample policies into the Maildir
 * as they were sent, with the fields that delivery and policies add.
 */
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { firstMailFor, splitMessage } from '../helpers/maildir.js';
import { requireProgram } from '../helpers/real-parts.js';
import { type RunningPostern, startPostern } from '../helpers/start-postern.js';
import { swaks } from '../helpers/swaks.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { ROOT } from '../helpers/temp-project.js';

const SWAKS = requireProgram('swaks', 'swaks');

/** Lines that begin with dots, an empty one before and after, octets above 127, a very long line. */
const BODY = [
  'first line',
  '.',
  '..two dots',
  '.hidden',
  '',
  'Gr\u00fc\u00dfe, \u2713',
  'x'.repeat(900),
  '',
  '.',
  'last line',
  '',
].join('\n');
const HEADER = [
  'From: A <a@example.org>',
  'To: B <b@example.com>',
  'Subject: dots',
  'Message-ID: <1@t-01>',
  '',
];
/** What a client would write to pass for another; the first sample policy takes all of it out. */
const FORGED = ['X-Postern-Client: 10.0.0.1 (inside)', 'X-Postern-Client: 10.0.0.2 (inside)'];
const MESSAGE = Buffer.from(`${[...FORGED, ...HEADER].join('\n')}\n${BODY}`, 'utf8');

/** The checkout's own postern.yaml and policies. */
async function startSample(): Promise<RunningPostern> {
  return await startPostern({ cwd: ROOT, dataDir: tempFolder() });
}

function expectDelivered(text: string, client: string): void {
  const { fields, body } = splitMessage(text);
  expect(Buffer.from(body, 'latin1').toString('utf8')).toBe(BODY);
  expect(fields[0]).toBe('Return-Path: <a@example.org>');
  expect(fields[1]).toBe('Delivered-To: b@example.com');
  expect(fields[2]).toMatch(
    new RegExp(
      `^Received: from ${client} \\(\\[127\\.0\\.0\\.1\\]\\) by \\S+ \\(Postern\\) with ESMTP id \\S+ for <b@example\\.com>; `,
    ),
  );
  expect(fields.slice(3)).toEqual([...HEADER.slice(0, 4), `X-Postern-Client: 127.0.0.1 (${client})`]);
  expect(text).not.toContain('\r');
}

describe('the sample policies', () => {
  it.skipIf(SWAKS === undefined)('let a message of swaks into the Maildir, octet for octet', async () => {
    const postern = await startSample();
    const sent = await swaks(SWAKS ?? '', {
      port: postern.port,
      from: 'a@example.org',
      to: 'b@example.com',
      data: MESSAGE,
    });
    expect(sent.out).toMatch(/<- {2}250 2\.0\.0 Ok: queued as \S+/);
    expect(sent.status).toBe(0);
    expectDelivered(await firstMailFor(postern.mail, 'b@example.com'), 'swaks.test');
  });

  it('let a message of nodemailer into the Maildir, octet for octet', async () => {
    const postern = await startSample();
    const transport = createTransport({ host: '127.0.0.1', port: postern.port, name: 'nodemailer.test' });
    const info = await transport.sendMail({
      envelope: { from: 'a@example.org', to: ['b@example.com'] },
      raw: MESSAGE,
    });
    expect(info.response).toMatch(/^250 2\.0\.0 Ok: queued as \S+$/);
    expectDelivered(await firstMailFor(postern.mail, 'b@example.com'), 'nodemailer.test');
  });

  it('deliver one message to each of its recipients, and a large one from the spool', async () => {
    const postern = await startSample();
    const line = `${'0123456789'.repeat(7)}\n`;
    const text = line.repeat(8000);
    const transport = createTransport({ host: '127.0.0.1', port: postern.port });
    await transport.sendMail({
      from: 'a@example.org',
      to: ['b@example.com', 'c@example.net', 'b@example.com'],
      subject: 'large',
      text,
      textEncoding: 'quoted-printable',
    });
    const [forB, forC] = await Promise.all([
      firstMailFor(postern.mail, 'b@example.com'),
      firstMailFor(postern.mail, 'c@example.net'),
    ]);
    expect(splitMessage(forB).body.trimEnd()).toBe(text.trimEnd());
    expect(splitMessage(forC).body.trimEnd()).toBe(text.trimEnd());
    expect(splitMessage(forC).fields).toContain('Delivered-To: c@example.net');
  });
});

/**
 * Greeting, sizes, numbers, times and auth_mode of the settings file, over the wire and live.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/index.js';
import { type AdminWire, startAdmin } from '../../helpers/admin-wire.js';
import { makeCertificate } from '../../helpers/certificates.js';
import { logIn, textOf } from '../../helpers/policy-wire.js';
import type { SmtpPeer, SmtpReply } from '../../helpers/smtp-peer.js';
import { connectPeer } from '../../helpers/smtp-peer.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function greeted(wire: AdminWire): Promise<SmtpPeer> {
  const peer = await wire.client();
  await peer.reply();
  return peer;
}

function keywords(reply: SmtpReply): readonly string[] {
  return textOf(reply).split('\n').slice(1);
}

/** What EHLO of a new session offers. */
async function offered(wire: AdminWire): Promise<readonly string[]> {
  const peer = await greeted(wire);
  const reply = await peer.say('EHLO c.test');
  await peer.say('QUIT');
  return keywords(reply);
}

describe('smtp_greeting', () => {
  it('is in the greeting, and the text of the answers to HELO, EHLO and QUIT', async () => {
    const wire = await startAdmin({ smtp_greeting: 'mx.example.com Welcome to us' });
    const peer = await wire.client();
    expect((await peer.reply()).lines).toEqual(['220 mx.example.com Welcome to us ESMTP']);
    expect((await peer.say('HELO c.test')).lines).toEqual(['250 mx.example.com Welcome to us']);
    expect((await peer.say('EHLO c.test')).lines[0]).toBe('250-mx.example.com Welcome to us');
    expect((await peer.say('QUIT')).lines).toEqual(['221 2.0.0 mx.example.com Welcome to us']);
    await peer.ended();
  });

  it('changes for the next session; without it the words are those of Postern', async () => {
    const wire = await startAdmin({ smtp_greeting: 'mx.example.com one' });
    const before = await greeted(wire);
    await wire.set({});
    expect((await before.say('HELO c.test')).lines).toEqual(['250 mx.example.com one']);
    const after = await wire.client();
    expect((await after.reply()).lines).toEqual(['220 mx.test ESMTP Postern']);
    expect((await after.say('HELO c.test')).lines).toEqual(['250 mx.test greets c.test']);
    expect((await after.say('QUIT')).lines).toEqual(['221 2.0.0 Bye']);
  });

  it('is not that of LMTP', async () => {
    const wire = await startAdmin(
      { smtp_greeting: 'mx.example.com one', databytes: 1, timeout_smtpd: 1 },
      { settings: { listeners: [{ port: 0, kind: 'lmtp' }] } },
    );
    const peer = await wire.client();
    expect((await peer.reply()).lines).toEqual(['220 mx.test LMTP Postern']);
    expect(keywords(await peer.say('LHLO c.test'))).toContain('SIZE 1048576');
  });
});

describe('databytes', () => {
  it('is the limit in MB of 1048576 octets, at MAIL and at the end of the data', async () => {
    const wire = await startAdmin({ databytes: 1 });
    expect(await offered(wire)).toContain('SIZE 1048576');
    const peer = await greeted(wire);
    await peer.say('EHLO c.test');
    expect((await peer.say('MAIL FROM:<a@example.org> SIZE=1048577')).code).toBe(552);
    expect((await peer.say('MAIL FROM:<a@example.org> SIZE=1048576')).code).toBe(250);
    await peer.say('RCPT TO:<b@example.com>');
    await peer.say('DATA');
    peer.raw(`Subject: x\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(1049)}`);
    expect((await peer.say('.')).lines[0]).toMatch(/^552 5\.3\.4 /);
  });

  it('0 is as much as there can be; a change holds for the next session', async () => {
    const wire = await startAdmin({ databytes: 0 });
    expect(await offered(wire)).toContain(`SIZE ${4_294_967_295 * 1024}`);
    await wire.set({ databytes: 25 });
    expect(await offered(wire)).toContain('SIZE 26214400');
    await wire.set({});
    expect(await offered(wire)).toContain('SIZE 10485760');
  });
});

describe('concurrency_incoming', () => {
  it('is the ceiling over all listeners; one more is answered 421 at once', async () => {
    const wire = await startAdmin(
      { concurrency_incoming: 2 },
      { settings: { listeners: [{ port: 0 }, { port: 0, name: 'other' }] } },
    );
    const [first] = [await greeted(wire), await connectPeer(wire.ports[1] ?? 0)];
    const third = await wire.client();
    expect((await third.reply()).lines[0]).toMatch(/^421 4\.3\.2 /);
    await third.ended();
    await first.say('QUIT');
    await first.ended();
    expect((await (await wire.client()).reply()).code).toBe(220);
    await wire.set({ concurrency_incoming: 4 });
    expect((await (await wire.client()).reply()).code).toBe(220);
  });
});

describe('timeout_smtpd', () => {
  it('ends a silent session after so many seconds', async () => {
    const wire = await startAdmin({ timeout_smtpd: 1 });
    const peer = await greeted(wire);
    expect((await peer.reply()).lines[0]).toMatch(/^421 4\.4\.2 /);
    await peer.ended();
  });
});

describe('auth_mode', () => {
  function secure(listener: object = {}): { settings: ConfigInput } {
    const folder = tempFolder();
    const pair = makeCertificate({ names: ['mx.test'] });
    const files = { certificate: join(folder, 'mx.pem'), key: join(folder, 'mx.key') };
    writeFileSync(files.certificate, pair.certificate);
    writeFileSync(files.key, pair.key);
    return { settings: { tls: files, listeners: [{ port: 0, ...listener }] } };
  }
  const hasAuth = (offers: readonly string[]): boolean => offers.some((offer) => offer.startsWith('AUTH '));

  it.each([
    ['auth_no/tls_no', false, false],
    ['auth_no/tls_optional', false, true],
    ['auth_optional/tls_no', true, false],
    ['auth_withtls/tls_optional', false, true],
    ['auth_optional/tls_optional', true, true],
  ])('%s offers AUTH in clear: %s, STARTTLS: %s', async (mode, auth, tls) => {
    const wire = await startAdmin({ auth_mode: mode }, secure());
    const offers = await offered(wire);
    expect([hasAuth(offers), offers.includes('STARTTLS')]).toEqual([auth, tls]);
  });

  it('auth_withtls answers 538 before STARTTLS, and takes passwords after it', async () => {
    const wire = await startAdmin({ auth_mode: 'auth_withtls/tls_optional' }, secure({ authInClear: true }));
    const peer = await greeted(wire);
    await peer.say('EHLO c.test');
    expect((await logIn(peer)).lines[0]).toMatch(/^538 5\.7\.11 /);
    expect((await peer.say('STARTTLS')).code).toBe(220);
    await peer.secure();
    expect(hasAuth(keywords(await peer.say('EHLO c.test')))).toBe(true);
    expect((await logIn(peer)).code).toBe(235);
  });

  it('never answers AUTH and STARTTLS where it offers none', async () => {
    const wire = await startAdmin({ auth_mode: 'auth_no/tls_no' }, secure());
    const peer = await greeted(wire);
    await peer.say('EHLO c.test');
    expect([(await logIn(peer)).code, (await peer.say('STARTTLS')).code]).toEqual([502, 502]);
  });

  it('changes for the next session', async () => {
    const wire = await startAdmin({ auth_mode: 'auth_no/tls_no' }, secure());
    const before = await greeted(wire);
    await wire.set({ auth_mode: 'auth_optional/tls_optional' });
    expect(keywords(await before.say('EHLO c.test'))).not.toContain('STARTTLS');
    expect(await offered(wire)).toContain('STARTTLS');
  });

  it('weakens nothing that a listener requires', async () => {
    const required = await startAdmin(
      { auth_mode: 'auth_no/tls_no' },
      secure({ tls: 'required', auth: 'required' }),
    );
    expect(await offered(required)).toContain('STARTTLS');
    const peer = await greeted(required);
    await peer.say('EHLO c.test');
    expect((await peer.say('MAIL FROM:<a@example.org>')).lines[0]).toMatch(/^530 5\.7\.0 /);
    const submission = await startAdmin(
      { auth_mode: 'auth_optional/tls_no' },
      secure({ kind: 'submission' }),
    );
    const offers = await offered(submission);
    expect([hasAuth(offers), offers.includes('STARTTLS')]).toEqual([false, true]);
    const implicit = await startAdmin({ auth_mode: 'auth_optional/tls_no' }, secure({ tls: 'implicit' }));
    const client = await implicit.client();
    await client.secure();
    expect((await client.reply()).code).toBe(220);
    expect(hasAuth(keywords(await client.say('EHLO c.test')))).toBe(true);
  });
});

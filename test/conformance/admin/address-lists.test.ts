/**
 * The address blacklists over the wire: every pattern of the documentation, to whom they apply, and
 * what a policy may do about them.
 */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../src/policy.js';
import { type AdminWire, startAdmin } from '../../helpers/admin-wire.js';
import { logIn, sayContent, textOf } from '../../helpers/policy-wire.js';
import type { SmtpPeer } from '../../helpers/smtp-peer.js';

const SENDER = /^553 5\.7\.1 sorry, your envelope sender has been denied \(#5\.7\.1\) \(ref \S+\)$/;
const RECIPIENT = /^553 5\.7\.1 sorry, your envelope recipient has been denied \(#5\.7\.1\) \(ref \S+\)$/;

async function greeted(wire: AdminWire, hello = 'EHLO c.test'): Promise<SmtpPeer> {
  const peer = await wire.client();
  await peer.reply();
  await peer.say(hello);
  return peer;
}

/** The answers to RCPT of one transaction, without the last reference. */
async function answers(peer: SmtpPeer, sender: string, ...recipients: readonly string[]): Promise<string[]> {
  const mail = await peer.say(`MAIL FROM:<${sender}>`);
  expect(mail.code).toBe(250);
  const lines: string[] = [];
  for (const recipient of recipients) {
    const { lines: said } = await peer.say(`RCPT TO:<${recipient}>`);
    lines.push(said.join('\n'));
  }
  await peer.say('RSET');
  return lines;
}

const ANYBODY = 'b@example.com';

describe('the list of senders', () => {
  it('takes MAIL and refuses every recipient', async () => {
    const wire = await startAdmin({ mta_level_email_address_blacklist: ['@reject\\.example$'] });
    const peer = await greeted(wire);
    const [first, second] = await answers(peer, 'Foo@REJECT.example', ANYBODY, 'c@example.com');
    expect(first).toMatch(SENDER);
    expect(second).toMatch(SENDER);
    expect((await peer.say('DATA')).code).toBe(503);
    // The next transaction of the same session begins anew.
    expect(await answers(peer, 'foo@fine.example', ANYBODY)).toEqual([expect.stringMatching(/^250 /)]);
  });

  it.each([
    ['.*\\ @.*', '"user "@example.org', '"us er"@example.org'],
    ['!.*@.*\\..*', 'user@localhost', 'user@example.org'],
    ['.*%.*', 'user%other.com@example.org', 'user@example.org'],
    ['[!%#:*^(){}]', 'x!y@example.org', 'u+tag@example.org'],
    ['[!%#:*^(){}]', '"u(1)"@example.org', 'u@example.org'],
    ['[!%#:*^(){}]', '"u:1"@example.org', 'u@example.org'],
    ['@.*@', '"a@b"@c.com', 'user@example.org'],
    ['@reject$', 'foo@REJECT', 'foo@reject.com'],
  ])('knows %s', async (pattern, hit, miss) => {
    const wire = await startAdmin({ mta_level_email_address_blacklist: [pattern] });
    const peer = await greeted(wire);
    expect((await answers(peer, hit, ANYBODY))[0]).toMatch(SENDER);
    expect((await answers(peer, miss, ANYBODY))[0]).toMatch(/^250 /);
  });

  it('never looks at the empty sender', async () => {
    const wire = await startAdmin({ mta_level_email_address_blacklist: ['.*', '!@', ''] });
    const peer = await greeted(wire);
    expect((await answers(peer, '', ANYBODY))[0]).toMatch(/^250 /);
    expect((await answers(peer, 'a@example.org', ANYBODY))[0]).toMatch(SENDER);
  });

  it('holds after HELO, for users who have logged in, and for trusted networks', async () => {
    const list = { mta_level_email_address_blacklist: ['@reject$'] };
    const wire = await startAdmin(list);
    expect((await answers(await greeted(wire, 'HELO c.test'), 'a@reject', ANYBODY))[0]).toMatch(SENDER);
    const peer = await greeted(wire);
    expect((await logIn(peer)).code).toBe(235);
    expect(
      (await answers(peer, 'a@reject', ANYBODY, 'far@away.example')).map((line) => line.slice(0, 3)),
    ).toEqual(['553', '553']);
    const trusting = await startAdmin(list, {
      settings: { listeners: [{ port: 0, trustedNetworks: ['127.0.0.0/8'] }] },
    });
    expect((await answers(await greeted(trusting), 'a@reject', ANYBODY))[0]).toMatch(SENDER);
  });

  it('sees a name in both of its spellings', async () => {
    const wire = await startAdmin({
      mta_level_email_address_blacklist: ['@b\u00fccher\\.example$', '@xn--mnchen-3ya'],
    });
    const peer = await greeted(wire);
    const unicode = async (sender: string): Promise<string> => {
      const encoded = Buffer.from(sender, 'utf8').toString('latin1');
      expect((await peer.say(`MAIL FROM:<${encoded}> SMTPUTF8`)).code).toBe(250);
      const said = await peer.say(`RCPT TO:<${ANYBODY}>`);
      await peer.say('RSET');
      return said.lines.join('');
    };
    expect(await unicode('a@b\u00fccher.example')).toMatch(SENDER);
    expect((await answers(peer, 'a@xn--bcher-kva.example', ANYBODY))[0]).toMatch(SENDER);
    expect(await unicode('a@m\u00fcnchen.example')).toMatch(SENDER);
    expect(await unicode('a@k\u00f6ln.example')).toMatch(/^250 /);
  });
});

describe('the list of recipients', () => {
  it('refuses the recipient that it hits and no other', async () => {
    const wire = await startAdmin({ mta_level_outgoing_email_address_blacklist: ['^abuse@', '@.*@', '%'] });
    const peer = await greeted(wire);
    const lines = await answers(peer, 'a@example.org', ANYBODY, 'ABUSE@example.com', 'x%y@example.com');
    expect(lines[0]).toMatch(/^250 /);
    expect(lines[1]).toMatch(RECIPIENT);
    expect(lines[2]).toMatch(RECIPIENT);
    await peer.say('MAIL FROM:<a@example.org>');
    await peer.say('RCPT TO:<abuse@example.com>');
    await peer.say(`RCPT TO:<${ANYBODY}>`);
    expect((await sayContent(peer)).code).toBe(250);
    expect(await wire.stored(ANYBODY)).toContain('Subject: hello');
  });

  it('holds for users who have logged in, also for mail to elsewhere', async () => {
    const wire = await startAdmin({ mta_level_outgoing_email_address_blacklist: ['@away\\.example$'] });
    const peer = await greeted(wire);
    await logIn(peer);
    expect((await answers(peer, 'a@example.org', 'x@away.example'))[0]).toMatch(RECIPIENT);
  });

  it('refuses at RCPT of LMTP as well', async () => {
    const wire = await startAdmin(
      {
        mta_level_outgoing_email_address_blacklist: ['^no@'],
        mta_level_email_address_blacklist: ['@reject$'],
      },
      { settings: { listeners: [{ port: 0, kind: 'lmtp' }] } },
    );
    const peer = await greeted(wire, 'LHLO c.test');
    expect(
      (await answers(peer, 'a@example.org', 'no@example.com', ANYBODY)).map((line) => line.slice(0, 3)),
    ).toEqual(['553', '250']);
    expect((await answers(peer, 'a@reject', ANYBODY))[0]).toMatch(SENDER);
  });
});

describe('a policy and the lists', () => {
  const lists = {
    mta_level_email_address_blacklist: ['^bad@'],
    mta_level_outgoing_email_address_blacklist: ['^no@'],
  };

  it('passes over them with accept in onRcptTo', async () => {
    const pardon = definePolicy({
      name: 'pardon',
      onRcptTo(ctx) {
        if (ctx.rcptToLocalPart === 'pardoned' || ctx.mailFromLocalPart === 'good') ctx.smtpAction = 'accept';
      },
    });
    const wire = await startAdmin(lists, { policies: pardon });
    const peer = await greeted(wire);
    const lines = await answers(peer, 'bad@example.org', 'pardoned@example.com', ANYBODY);
    expect(lines[0]).toMatch(/^250 /);
    expect(lines[1]).toMatch(SENDER);
    expect((await answers(peer, 'good@example.org', 'no@example.com'))[0]).toMatch(/^250 /);
  });

  it('passes over the sender with accept in onMailFrom, for this message only', async () => {
    const wire = await startAdmin(lists, {
      policies: definePolicy({
        name: 'pardon',
        session: () => ({ count: 0 }),
        onMailFrom(ctx) {
          ctx.session.count += 1;
          if (ctx.session.count === 2) ctx.smtpAction = 'accept';
        },
      }),
    });
    const peer = await greeted(wire);
    expect((await answers(peer, 'bad@example.org', ANYBODY))[0]).toMatch(SENDER);
    expect((await answers(peer, 'bad@example.org', ANYBODY))[0]).toMatch(/^250 /);
    expect((await answers(peer, 'bad@example.org', ANYBODY))[0]).toMatch(SENDER);
  });

  it('decides itself where it refuses', async () => {
    const own = definePolicy({
      name: 'own',
      onRcptTo(ctx) {
        ctx.smtpAction = 'reject';
        ctx.smtpExplanation = 'my own words';
      },
    });
    const wire = await startAdmin(lists, { policies: own });
    expect((await answers(await greeted(wire), 'bad@example.org', ANYBODY))[0]).toMatch(
      /^550 .*my own words/,
    );
  });

  it('keeps its other rules: accept relays nothing', async () => {
    const policies = definePolicy({ name: 'all', onRcptTo: (ctx) => void (ctx.smtpAction = 'accept') });
    const wire = await startAdmin(lists, { policies });
    expect((await answers(await greeted(wire), 'bad@example.org', 'x@away.example'))[0]).toMatch(
      /^550 5\.7\.1 Relaying denied/,
    );
  });
});

describe('the trace', () => {
  it('names the internal policy, the list and the pattern', async () => {
    const wire = await startAdmin({ mta_level_email_address_blacklist: ['never', '@reject$'] });
    const peer = await greeted(wire);
    await peer.say('MAIL FROM:<a@reject>');
    const refusal = textOf(await peer.say(`RCPT TO:<${ANYBODY}>`));
    const id = /\(ref (\S+)\)/.exec(refusal)?.[1] ?? '';
    const told = (await wire.engine.explain(id))?.join('\n') ?? '';
    expect(told).toContain('reject, decided by internal:admin');
    expect(told).toContain('mta_level_email_address_blacklist');
    expect(told).toContain('@reject$');
  });
});

describe('a change of the file', () => {
  it('holds for the next session; an open one keeps what it began with', async () => {
    const wire = await startAdmin({});
    const before = await greeted(wire);
    expect((await answers(before, 'a@reject', ANYBODY))[0]).toMatch(/^250 /);
    await wire.set({ mta_level_email_address_blacklist: ['@reject$'] });
    expect((await answers(before, 'a@reject', ANYBODY))[0]).toMatch(/^250 /);
    const after = await greeted(wire);
    expect((await answers(after, 'a@reject', ANYBODY))[0]).toMatch(SENDER);
    await wire.set({});
    expect((await answers(after, 'a@reject', ANYBODY))[0]).toMatch(SENDER);
    expect((await answers(await greeted(wire), 'a@reject', ANYBODY))[0]).toMatch(/^250 /);
  });

  it('leaves the former settings where the new ones are wrong, and says so once', async () => {
    const wire = await startAdmin({ mta_level_email_address_blacklist: ['@reject$'] });
    await wire.set({ mta_level_email_address_blacklist: ['(', 'ok', '[a'], data_bytes: 3 });
    expect(wire.kept).toHaveLength(1);
    expect(wire.kept[0]?.message).toMatch(
      /settings\.yaml:1: MailSmtp\.mta_level_email_address_blacklist\[0\]: the pattern "\(" does not compile.* \(and 2 more;/,
    );
    expect((await answers(await greeted(wire), 'a@reject', ANYBODY))[0]).toMatch(SENDER);
    expect(await wire.engine.metrics()).toMatch(/postern_settings_reloads_refused_total 1/);
    await wire.set({});
    expect((await answers(await greeted(wire), 'a@reject', ANYBODY))[0]).toMatch(/^250 /);
  });
});
